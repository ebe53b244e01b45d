"""Scratch database of a benchmark run, and the environment of the processes that use it.

Without DATABASE_URL an embedded server in .local/bench, created at the start and removed at the end; with DATABASE_URL and
DATABASE_OWNER_URL the database they name, which must be empty: a database with rows is never touched.
"""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg

from salesbrain import embedded_postgres
from salesbrain.embedded_postgres import postmaster
from salesbrain.embedded_postgres.paths import Places

CHECKOUT = Path(__file__).resolve().parent.parent
HOME = CHECKOUT / ".local" / "bench"


@dataclass(frozen=True)
class Scratch:
    """The scratch database. `postmaster`: PostgreSQL's process number if it runs here for the benchmark alone, else None."""

    url: str
    owner_url: str
    postmaster: int | None

    def connect(self, *, owner: bool = False) -> psycopg.Connection:
        """Return a connection in autocommit; the owner's sees every row, for counting."""
        if not owner:
            return psycopg.connect(self.url, autocommit=True)
        return psycopg.connect(self.owner_url, autocommit=True, options="-c app.user_role=sb_admin")


@contextmanager
def database() -> Iterator[Scratch]:
    """Provide the scratch database and set the environment of this process and of those it starts."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL")
    if any(given):
        if not all(given):
            raise SystemExit("error: DATABASE_URL and DATABASE_OWNER_URL: both or neither.")
        scratch = Scratch(str(given[0]), str(given[1]), None)
        _require_empty(scratch)
        _set_environment(scratch)
        yield scratch
        return
    places = Places(HOME)
    embedded_postgres.clean(places)  # what a killed run left
    server = embedded_postgres.ensure_running(places)
    try:
        scratch = Scratch(server.url("sb_app"), server.url("sb_owner"), postmaster.running(places.data))
        _set_environment(scratch)
        yield scratch
    finally:
        from django.db import connections

        connections.close_all()
        embedded_postgres.stop(places)
        embedded_postgres.clean(places)


def _require_empty(scratch: Scratch) -> None:
    with scratch.connect(owner=True) as connection:
        row = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
    if row is None or row[0]:
        raise SystemExit(
            "error: the database DATABASE_URL names is not empty. `make bench` fills it, so give it one of its own."
        )


def _set_environment(scratch: Scratch) -> None:
    """Set the environment as in production, behind a proxy that reports https, with secrets generated for this run."""
    os.environ |= {
        "DATABASE_URL": scratch.url,
        "DATABASE_OWNER_URL": scratch.owner_url,
        "HTTPS": "true",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SALESBRAIN_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "INSTANTLY_PROCESSING": "worker",
        "API_REQUESTS_PER_MINUTE": "100000000",  # still counted, never refused
        "API_SEARCHES_PER_MINUTE": "100000000",
        "DJANGO_SETTINGS_MODULE": "salesbrain.settings",
        "PEER_DATABASE": _for_asyncpg(scratch.owner_url),
    }


def _for_asyncpg(url: str) -> str:
    """Return the database URL with only those parts that both asyncpg and django-environ understand."""
    parts = urlsplit(url)
    query = "&".join(f"{key}={values[0]}" for key, values in parse_qs(parts.query).items() if key in ("host", "port"))
    return f"postgresql://{parts.netloc}{parts.path}{'?' + query if query else ''}"
