"""Re-apply the current rules for automatic replies and lead labels to recorded events.

The provider's own value stays in each event's `detail`, so that every rule can be reverted. Stats are recounted afterwards
(`stats_rebuild`). Call outside of a transaction; an aborted run is simply started again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from messaging import conversation_writer, stats_rebuild
from messaging.automatic_replies import automatic_reply_rule
from messaging.events import EventType
from salesbrain import rls
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parent / "sql" / "judgements")
PEOPLE_OF = "SELECT DISTINCT contact_id FROM messaging_event WHERE id = ANY (%s::bigint[]) AND contact_id IS NOT NULL"
CHUNK = 500
Judged = dict[str, Any]


def automatic_replies(organization_id: UUID | None = None, *, dry_run: bool = False) -> int:
    """Set which replies (of one organization, or all) are automatic; return how many changed. Replies of erased people have no text and
    stay unchanged.
    """
    changed, after = 0, 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            asked = {"after": after, "organization": organization_id, "limit": CHUNK}
            rows = db.prepared(SQL["replies"], asked).fetchall()
            if not rows:
                return changed
            after = rows[-1][0]
            judged = [
                {"id": id, "type": right}
                for id, type, subject, text in rows
                if (right := _type(type, subject, text)) != type
            ]
            changed += len(judged)
            if judged and not dry_run:
                _set_automatic(judged)


def _type(type: str, subject: str | None, text: str | None) -> str:
    if subject is None and text is None:
        return type
    right = EventType.AUTO_REPLY_RECEIVED if automatic_reply_rule(subject, text) else EventType.REPLY_RECEIVED
    return right.value


def _set_automatic(judged: Sequence[Judged]) -> None:
    # Messages before anything else that is locked: in key order, as writers do.
    db.prepared(stats_rebuild.HOLD_CAMPAIGNS)
    names = ("organization_id", "campaign_id", "contact_id", "message_id", "step", "variant")
    rows = db.prepared(SQL["set_automatic"], {"events": orjson.dumps(judged).decode()}).fetchall()
    changed = [dict(zip(names, row, strict=True)) for row in rows]
    db.prepared(SQL["follow_automatic"], {"changed": orjson.dumps(changed).decode()})  # holds the contacts
    conversation_writer.refresh({row["contact_id"]: False for row in changed if row["contact_id"]})


def set_interest(judged: Sequence[tuple[int, str | None]]) -> None:
    """Set the interest derived from events of undocumented types (None: no label), and update the interest of their contacts.

    Needs SYSTEM scope and a transaction.
    """
    rows = [{"id": id, "interest": interest} for id, interest in judged]
    if rows:
        contacts = [id for (id,) in db.prepared(PEOPLE_OF, [[id for id, _ in judged]])]
        conversation_writer.hold_contacts(contacts)
        db.prepared(SQL["set_interest"], {"events": orjson.dumps(rows).decode()})
        conversation_writer.refresh(dict.fromkeys(contacts, False))
