"""Set up roles, passwords and database on a PostgreSQL server, as a role that may create them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from salesbrain.embedded_postgres import ROLES_SQL
from salesbrain.kernel.database_errors import in_one_sentence

OLDEST = 160_000
LOGINS = "sb_owner", "sb_app"
ROLES = "sb_owner", "sb_app", "sb_staff", "sb_definer"
Login = dict[str, Any]
"""An entry of DATABASES, of which PASSWORD and NAME are read."""


class SetupRefused(Exception):
    """Error: the PostgreSQL server is in a state on which nothing can be set up. The text says what is wrong and what to do."""


def set_up(address: str, logins: dict[str, Login]) -> Iterator[str]:
    """Create missing roles, passwords and the database; yield a sentence for each step. `logins`: those of sb_owner and sb_app, by role.

    Raises SetupRefused. Running it again changes nothing; a run that was aborted is simply started again.
    """
    name = logins["sb_owner"]["NAME"]
    with _connected(address) as server:
        _refuse_unsuitable(server, name)
        missing = set(ROLES) - _roles(server)
        server.execute(ROLES_SQL.read_bytes())
        yield f"Roles: {', '.join(role for role in ROLES if role in missing)} made." if missing else "Roles: all there."
        for role in LOGINS:
            if password := logins[role]["PASSWORD"]:
                _set_password(server, role, password)
                yield f"Password: {role} has the one of its address."
        if _owner_of(server, name) is None:
            _create_database(server, name)
            yield f"Database: {name} made."
        else:
            yield f"Database: {name} is there."


@contextmanager
def _connected(address: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as server:
            yield server
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise SetupRefused(f"SETUP_DATABASE_URL: {in_one_sentence(error) or said}") from error


def _refuse_unsuitable(server: psycopg.Connection[Any], name: str) -> None:
    if server.info.server_version < OLDEST:
        raise SetupRefused(
            f"The server is PostgreSQL {server.info.server_version // 10_000}; Salesbrain needs 16 or later."
        )
    question = "SELECT rolsuper OR (rolcreaterole AND rolcreatedb), rolname FROM pg_roles WHERE rolname = current_user"
    may_create, login = _row(server, question)
    if not may_create:
        raise SetupRefused(f"{login} may not make roles and databases: give SETUP_DATABASE_URL a superuser's login.")
    privileged = "SELECT array_agg(rolname ORDER BY rolname) FROM pg_roles WHERE rolname = ANY (%s) AND (rolsuper OR rolbypassrls)"
    (passing,) = _row(server, privileged, [list(ROLES)])
    if passing:
        raise SetupRefused(
            f"{', '.join(passing)} passes row-level security: ALTER ROLE {passing[0]} NOSUPERUSER NOBYPASSRLS first, if it is Salesbrain's."
        )
    owner = _owner_of(server, name)
    if owner not in (None, "sb_owner"):
        raise SetupRefused(
            f"The database {name} belongs to {owner}: name another one in DATABASE_URL and DATABASE_OWNER_URL, or give it to sb_owner "
            "with ALTER DATABASE … OWNER TO sb_owner if it is empty."
        )


def _row(server: psycopg.Connection[Any], question: str, parameters: Any = ()) -> tuple[Any, ...]:
    return server.execute(question.encode(), parameters).fetchone() or (None,)


def _roles(server: psycopg.Connection[Any]) -> set[str]:
    return {name for (name,) in server.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(ROLES)])}


def _owner_of(server: psycopg.Connection[Any], database: str) -> str | None:
    owner: str | None = _row(server, "SELECT datdba::regrole::text FROM pg_database WHERE datname = %s", [database])[0]
    return owner


def _set_password(server: psycopg.Connection[Any], role: str, password: str) -> None:
    """Set a role's password as a hash computed here, so that the server's log and statistics never hold the plain text."""
    hashed = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed)))


def _create_database(server: psycopg.Connection[Any], name: str) -> None:
    (is_superuser,) = _row(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not is_superuser:  # who gives a database to a role must be able to become it
        server.execute("GRANT sb_owner TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")
    statement = "CREATE DATABASE {} OWNER sb_owner ENCODING 'UTF8' TEMPLATE template0"
    server.execute(sql.SQL(statement).format(sql.Identifier(name)))
