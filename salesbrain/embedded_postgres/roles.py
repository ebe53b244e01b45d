"""Create the roles and the database in the embedded PostgreSQL, as its superuser.

Migrations do everything inside the database.
"""

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

ROLES_SQL = Path(__file__).resolve().parent.parent / "database_roles.sql"
SUPERUSER = "postgres"
OWNER = "sb_owner"


def fingerprint() -> str:
    return hashlib.sha256(ROLES_SQL.read_bytes()).hexdigest()


def connect(socket_dir: Path, port: int) -> psycopg.Connection:
    """Connect as the cluster's superuser; trust authentication, because only the socket's folder lets anybody in."""
    return psycopg.connect(
        host=str(socket_dir), port=port, user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=10
    )


def create(socket_dir: Path, port: int, database: str) -> None:
    """Create the roles and `database` if they are missing; existing ones are left unchanged."""
    with connect(socket_dir, port) as connection:
        connection.execute(ROLES_SQL.read_bytes())
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            names = sql.Identifier(database), sql.Identifier(OWNER)
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(*names))


def others_connected(socket_dir: Path, port: int) -> int:
    """Return how many other programs are connected."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    with connect(socket_dir, port) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else 0
