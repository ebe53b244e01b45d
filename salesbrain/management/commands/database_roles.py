"""Print the SQL that creates roles and database: `manage.py database_roles`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from salesbrain.embedded_postgres import ROLES_SQL

AFTERWARDS = """
-- The database. \\gexec is psql's: it runs the line above it where it printed one.
SELECT 'CREATE DATABASE "{name}" OWNER sb_owner ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec

-- Then give both logins the passwords that DATABASE_OWNER_URL and DATABASE_URL name, in psql:
--   \\password sb_owner
--   \\password sb_app
"""


class Command(BaseCommand):
    help = "Prints the SQL that makes roles and database on a server of your own; run it there with psql as superuser."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        name = connections["owner"].settings_dict["NAME"]
        self.stdout.write(ROLES_SQL.read_text(encoding="utf-8") + AFTERWARDS.format(name=name.replace("'", "''")))
