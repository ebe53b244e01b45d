"""Delete the bodies of processed and dismissed webhook deliveries after their retention time.

The row and its digest stay, so a repeated delivery is still recognized.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from salesbrain import rls
from salesbrain.kernel import db

LOOKED_AT = 50_000
"""Maximum of ids that one statement examines, so that it stays short although most bodies are deleted already."""
OPEN = """EXISTS (SELECT FROM instantly_pending p WHERE p.delivery_id = d.id)
    OR EXISTS (SELECT FROM instantly_held h WHERE h.delivery_id = d.id AND h.reason <> 'dismissed')"""
"""SQL condition: a worker or a person still needs the body, so it is kept at any age."""
ENDS = "SELECT coalesce(min(id), 1) - 1, coalesce(max(id), 0) FROM instantly_delivery"
# By id, which grows with the time of receipt, so that no chunk reads what another has read.
CHOOSE = f"""SELECT id FROM instantly_delivery d WHERE id > %s AND id <= %s AND received_at < %s
    AND (body IS NOT NULL OR cleaned IS NOT NULL) AND NOT ({OPEN})
    ORDER BY id LIMIT %s"""  # noqa: S608  # constants of this file
# A statement of its own, so that it sees what was put into the queue (which holds the row FOR SHARE) until it had the row.
LOCK = "SELECT id FROM instantly_delivery WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
DROP = f"UPDATE instantly_delivery d SET body = NULL, cleaned = NULL WHERE id = ANY (%s) AND NOT ({OPEN})"  # noqa: S608
COUNT = f"""SELECT count(*), coalesce(sum(octet_length(body) + coalesce(octet_length(cleaned), 0)), 0) FROM instantly_delivery d
    WHERE received_at < %s AND (body IS NOT NULL OR cleaned IS NOT NULL) AND NOT ({OPEN})"""  # noqa: S608


def prune(before: datetime, *, chunk: int) -> Iterator[int]:
    """Delete the bodies of processed deliveries received before a time; yield the number after each chunk (one transaction)."""
    last, newest = _ends()
    while last < newest:
        dropped = None
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            until = min(last + LOOKED_AT, newest)
            ids = [id for (id,) in db.prepared(CHOOSE, [last, until, before, chunk])]
            if ids:
                db.prepared(LOCK, [ids])
                dropped = db.prepared(DROP, [ids]).rowcount
        last = ids[-1] if len(ids) == chunk else until
        if dropped is not None:
            yield dropped


def _ends() -> tuple[int, int]:
    """Return the id before the oldest delivery's, and the newest one's."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row = db.prepared(ENDS).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def prunable(before: datetime) -> tuple[int, int]:
    """Return how many deliveries `prune` would empty, and the bytes of their bodies before compression."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row = db.prepared(COUNT, [before]).fetchone()
    return (row[0], int(row[1])) if row else (0, 0)
