"""Check database server and roles, then migrate: `manage.py prepare_database`."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from salesbrain import embedded_postgres
from salesbrain.management.server_setup import OLDEST, ROLES

ROLES_HINT = "`manage.py database_roles` prints the SQL; run it there with psql as a superuser."


class Command(BaseCommand):
    help = (
        "Makes the database ready: the embedded server with its roles (or a look at those of yours), then migrations."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED_DATABASE:
            embedded_postgres.ensure_running()
        else:
            for alias, role in (("owner", "sb_owner"), ("default", "sb_app")):
                require_login(alias, role)
            require_roles()
        call_command("migrate", interactive=False, verbosity=options["verbosity"])


def require_login(alias: str, role: str) -> None:
    """Raise CommandError unless the alias can log in as the role that the policies name."""
    configured = connections[alias].settings_dict
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT session_user, current_setting('server_version_num')::int, current_setting('server_version')"
            )
            user, number, version = cursor.fetchone()
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise CommandError(
            f"Cannot log in to {configured['NAME']} as {configured['USER']}: {reason}. "
            f"Where role or database is missing, {ROLES_HINT}"
        ) from error
    if user != role:
        raise CommandError(
            f"The address for {alias} logs in as {user}; it must be {role}, which the policies name. {ROLES_HINT}"
        )
    if number < OLDEST:
        raise CommandError(f"The server is PostgreSQL {version}; Salesbrain needs 16 or later.")


def require_roles() -> None:
    """Raise CommandError naming the roles and memberships the server lacks."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
        found = {name for (name,) in cursor.fetchall()}
        if missing := [name for name in ROLES if name not in found]:
            raise CommandError(f"The server has no role {', '.join(missing)}. {ROLES_HINT}")
        cursor.execute(
            "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members "
            "WHERE set_option AND NOT inherit_option"
        )
        members = set(cursor.fetchall())
    for member, role in (("sb_app", "sb_staff"), ("sb_owner", "sb_definer")):
        if (member, role) not in members:
            raise CommandError(f"{member} is not a member of {role} WITH INHERIT FALSE, SET TRUE. {ROLES_HINT}")
