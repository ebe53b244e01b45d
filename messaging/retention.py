"""Retention of outbox rows: drafts unchanged for long, and replies that were sent or failed.

A sent mail stays for ever as a message; its row in the outbox (author, time, idempotency key) is deleted. The row is kept until the mail is
recorded as a message, and while the same conversation has a draft or an unsent reply: the sending job compares these rows with those that
the author had seen.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.retention import Rule

DRAFTS = "o.state = 'draft' AND o.updated_at < %(before)s"
ENDED = """(o.state = 'failed' AND o.updated_at < %(before)s OR o.state = 'sent' AND coalesce(o.sent_at, o.updated_at) < %(before)s
        AND EXISTS (SELECT FROM messaging_message m WHERE m.organization_id = o.organization_id AND m.email_id = o.email_id))
    AND NOT EXISTS (SELECT FROM messaging_outboxmessage w WHERE w.organization_id = o.organization_id AND w.contact_id = o.contact_id
        AND w.state IN ('draft', 'queued', 'sending', 'unknown'))"""
COUNT = "SELECT count(*) FROM messaging_outboxmessage o WHERE {which}"
# By key, so that no batch reads what another has read. A row that somebody is writing at this moment is passed over.
REMOVE = """DELETE FROM messaging_outboxmessage WHERE id = ANY (ARRAY(
    SELECT o.id FROM messaging_outboxmessage o WHERE o.id > %(after)s AND {which} ORDER BY o.id LIMIT %(batch)s FOR UPDATE SKIP LOCKED))
    RETURNING id"""


def _count(which: str, before: datetime) -> int:
    with rls.scope(rls.SYSTEM):
        row = db.prepared(COUNT.format(which=which), {"before": before}).fetchone()
        return int(row[0]) if row else 0


def _batches(which: str, before: datetime, batch: int) -> Iterator[int]:
    after = UUID(int=0)
    while True:
        with rls.scope(rls.SYSTEM):
            asked = {"before": before, "after": after, "batch": batch}
            ids = [id for (id,) in db.prepared(REMOVE.format(which=which), asked)]
        if not ids:
            return
        after = max(ids)
        yield len(ids)


RULES = (
    Rule("drafts", "RETENTION_DRAFTS_DAYS", "drafts of replies", partial(_count, DRAFTS), partial(_batches, DRAFTS)),
    Rule("replies", "RETENTION_REPLIES_DAYS", "sent replies in the outbox", partial(_count, ENDED), partial(_batches, ENDED)),
)  # fmt: skip
