"""Print the URL of the database in use: `manage.py database_url [--owner]`."""

from typing import Any
from urllib.parse import quote, urlencode

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from psycopg import pq

KEYWORDS = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}


def address(alias: str) -> str:
    """Return the libpq URL of a database in use, with start-up options: without the owner's options row-level security hides all rows, and
    a backup would be empty without an error.
    """
    settings = connections[alias].settings_dict
    options = {name: value for name, value in settings["OPTIONS"].items() if name in KEYWORDS and value is not None}
    host, port = settings["HOST"], settings["PORT"]
    if host.startswith("/"):
        options["host"], host = host, ""
    login = quote(settings["USER"], safe="")
    if settings["PASSWORD"]:
        login += f":{quote(settings['PASSWORD'], safe='')}"
    where = f"{host}:{port}" if host and port else host
    query = f"?{urlencode(options, quote_via=quote, safe='/')}" if options else ""
    return f"postgres://{login}@{where}/{quote(settings['NAME'], safe='')}{query}"


class Command(BaseCommand):
    help = 'Prints the address of the database in use, alone, for psql and backups: psql "$(manage.py database_url)".'
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--owner", action="store_true", help="as sb_owner, who owns the tables, instead of sb_app")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(address("owner" if options["owner"] else "default"))
