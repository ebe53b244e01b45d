"""One sync per connection at a time, across processes and machines, without a table to clean up after a kill -9."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

NAMESPACE = 0x5B51  # ours among the advisory locks of the database
DJANGOS = ("cursor_factory", "context", "prepare_threshold")  # settings of the ORM's connection, not of a plain one


class SyncRunning(Exception):
    """Another sync of this connection is under way; the text says so in a sentence."""


@contextmanager
def only_one(connection_id: UUID, name: str, *, purpose: str = "sync") -> Iterator[None]:
    """Hold the connection's lock for the block. Raises SyncRunning at once where somebody else holds it.

    A session lock on a database connection of its own: no transaction may be open while Instantly is called, and the
    lock goes with the process, however it ends. It goes past a pooler in transaction mode, where a session means
    nothing.
    """
    with _session() as session:
        row = session.execute(
            "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [NAMESPACE, f"{purpose} {connection_id}"]
        ).fetchone()
        if not (row and row[0]):
            raise SyncRunning(f"A {purpose} of {name} is already running; wait for it to end, then try again.")
        try:
            yield
        finally:
            # Closing alone lets the server keep the lock for a moment: whoever syncs right after this would be refused.
            with suppress(psycopg.Error):
                session.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [NAMESPACE, f"{purpose} {connection_id}"]
                )


def _session() -> psycopg.Connection[Any]:
    """Connect to the server itself: at DATABASE_LISTEN_URL where it is set, else as everything else does."""
    if settings.DATABASE_LISTEN_URL:
        return psycopg.connect(settings.DATABASE_LISTEN_URL, autocommit=True)
    parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
    ours = {name: value for name, value in parameters.items() if name not in DJANGOS}
    return psycopg.connect(**ours, autocommit=True)
