"""Delete the bodies of processed webhook deliveries after their retention time.

The row and its digest stay, so a repeated delivery is still recognized.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from salesbrain import rls
from salesbrain.kernel import db

# By id, which grows with the time of receipt, so that no chunk reads what another has read. Held and pending ones are passed over.
CHOOSE = """SELECT id FROM instantly_delivery d WHERE id > %s AND received_at < %s AND (body IS NOT NULL OR cleaned IS NOT NULL)
    AND NOT EXISTS (SELECT FROM instantly_pending p WHERE p.delivery_id = d.id)
    AND NOT EXISTS (SELECT FROM instantly_held h WHERE h.delivery_id = d.id)
    ORDER BY id LIMIT %s"""
# A statement of its own, so that it sees what was put into the queue (which holds the row FOR SHARE) until it had the row.
LOCK = "SELECT id FROM instantly_delivery WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"
DROP = """UPDATE instantly_delivery d SET body = NULL, cleaned = NULL WHERE id = ANY (%s)
    AND NOT EXISTS (SELECT FROM instantly_pending p WHERE p.delivery_id = d.id)
    AND NOT EXISTS (SELECT FROM instantly_held h WHERE h.delivery_id = d.id)"""
COUNT = """SELECT count(*), coalesce(sum(octet_length(body) + coalesce(octet_length(cleaned), 0)), 0) FROM instantly_delivery d
    WHERE received_at < %s AND (body IS NOT NULL OR cleaned IS NOT NULL)
    AND NOT EXISTS (SELECT FROM instantly_pending p WHERE p.delivery_id = d.id)
    AND NOT EXISTS (SELECT FROM instantly_held h WHERE h.delivery_id = d.id)"""


def prune(before: datetime, *, chunk: int) -> Iterator[int]:
    """Delete the bodies of processed deliveries received before a time; yield the number after each chunk (one transaction)."""
    last = 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            ids = [id for (id,) in db.prepared(CHOOSE, [last, before, chunk])]
            if not ids:
                return
            db.prepared(LOCK, [ids])
            dropped = db.prepared(DROP, [ids]).rowcount
        last = ids[-1]
        yield dropped


def prunable(before: datetime) -> tuple[int, int]:
    """Return how many deliveries `prune` would empty, and the bytes of their bodies before compression."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row = db.prepared(COUNT, [before]).fetchone()
    return (row[0], int(row[1])) if row else (0, 0)
