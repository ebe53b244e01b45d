"""Position of each caller's last write in the write-ahead log.

One row a user, on the primary, so that every web process, the API and the pages see it. The row is written after the write's own
transaction and before the response: no write is acknowledged without it.
"""

import random
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS

from salesbrain.kernel import db

# pg_current_wal_insert_lsn() is behind the commit, also where synchronous_commit is off and nothing was flushed yet.
NOTE = """
INSERT INTO read_position AS p (user_id, position, noted_at) VALUES (%s, pg_current_wal_insert_lsn(), clock_timestamp())
ON CONFLICT (user_id) DO UPDATE SET position = EXCLUDED.position, noted_at = EXCLUDED.noted_at WHERE p.position < EXCLUDED.position"""
NEEDED = "SELECT (position - '0/0'::pg_lsn)::bigint FROM read_position WHERE user_id = %s"
FORGET = "DELETE FROM read_position WHERE noted_at < clock_timestamp() - interval '1 day'"
FORGET_EVERY = 1000


def note(user_id: UUID) -> None:
    """Record that the user has just written, or was told of something new: what they read next is at least as new as the primary is now.

    Call after the commit. Does nothing without a replica. Raises Django's DatabaseError classes.
    """
    if not settings.DATABASE_REPLICA_URL:
        return
    db.prepared(NOTE, [user_id], using=DEFAULT_DB_ALIAS)
    if random.randrange(FORGET_EVERY) == 0:  # noqa: S311  nothing else depends on it
        db.prepared(FORGET, using=DEFAULT_DB_ALIAS)


def needed(user_id: UUID) -> int:
    """Return the position, in bytes of the log, that a replica must have replayed for this user; 0: any will do."""
    row = db.prepared(NEEDED, [user_id], using=DEFAULT_DB_ALIAS).fetchone()
    return row[0] if row else 0
