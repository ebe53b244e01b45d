"""Advisory lock that allows one sync per connection at a time, across processes and machines."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from uuid import UUID

import psycopg

from salesbrain.kernel import db
from salesbrain.kernel.messages import message

NAMESPACE = 0x5B51  # ours among the advisory locks of the database


class SyncRunning(Exception):
    """Error: another sync of this connection is running; the text is a sentence."""


@contextmanager
def connection_lock(
    connection_id: UUID, name: str, *, purpose: Literal["sync", "reconcile", "promotion"] = "sync"
) -> Iterator[None]:
    """Hold the connection's advisory lock during the block. Raises SyncRunning at once if it is taken.

    A session lock on a separate database connection: no transaction may be open while Instantly is called, and PostgreSQL releases the lock
    when the process ends in any way. The connection bypasses a pooler in transaction mode, which would not keep a session.
    """
    with db.direct_connection() as session:
        row = session.execute(
            "SELECT pg_try_advisory_lock(%s, hashtext(%s))", [NAMESPACE, f"{purpose} {connection_id}"]
        ).fetchone()
        if not (row and row[0]):
            raise SyncRunning(message(f"{purpose}.running", name=name))
        try:
            yield
        finally:
            # Closing alone lets the server keep the lock for a moment: a sync right after this would be refused.
            with suppress(psycopg.Error):
                session.execute(
                    "SELECT pg_advisory_unlock(%s, hashtext(%s))", [NAMESPACE, f"{purpose} {connection_id}"]
                )
