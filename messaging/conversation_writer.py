"""Write the conversations of a batch of messages, in the transaction that records the messages.

One statement for a batch, in key order. Lock order: erasure lock, campaign, contact, message, conversation, stats. The
caller holds the contacts' locks (FOR NO KEY UPDATE or stronger); a person's change holds the conversation's (messaging/inbox/changes.py).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from messaging.events import (
    CONVERSATION_ASSIGNED,
    CONVERSATION_EVENTS,
    CONVERSATION_MAILS,
    READ_MARKS,
    RECEIVED,
    STATE_CHANGES,
    EventType,
)
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parent / "sql" / "conversation")
CATEGORY_OF_INTEREST = {
    "lead_interested": "interested",
    "lead_meeting_booked": "meeting",
    "lead_meeting_completed": "meeting",
    "lead_not_interested": "not_interested",
    "lead_out_of_office": "out_of_office",
    "lead_wrong_person": "wrong_person",
}
"""Category of a conversation by its contact's interest, where triage has none."""
CLOSINGS = (EventType.EMAIL_UNSUBSCRIBED.value, EventType.EMAIL_SPAM_REPORT.value)
LOCK_CONTACTS = "SELECT id FROM messaging_contact WHERE id = ANY (%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
LOCK_WRITERS = """SELECT id FROM messaging_contact WHERE id = ANY (ARRAY(
    SELECT contact_id FROM messaging_message WHERE id = ANY (%s::uuid[]))) ORDER BY id FOR NO KEY UPDATE"""
CONSTANT: Mapping[str, Any] = {
    "received": sorted(type.value for type in RECEIVED),
    "ours": EventType.MANUAL_EMAIL_SENT.value,
    "words": list(CONVERSATION_EVENTS),
    "types": sorted([*(type.value for type in CONVERSATION_MAILS), *CLOSINGS, *CONVERSATION_EVENTS]),
    "labels": orjson.dumps(CATEGORY_OF_INTEREST).decode(),
    "states": list(STATE_CHANGES),
    "marks": [*READ_MARKS, *STATE_CHANGES],
    "assigned": CONVERSATION_ASSIGNED,
}


def refresh(contacts: Mapping[UUID, bool]) -> None:
    """Update the conversations of these contacts from their messages. `contacts`: by id, whether a mail was recorded.

    Needs SYSTEM scope and the contacts' locks.
    """
    if contacts:
        rows = [{"id": id, "mailed": mailed} for id, mailed in contacts.items()]
        db.prepared(SQL["refresh"], {**CONSTANT, "contacts": orjson.dumps(rows).decode()})


def rebuild_from_log(contacts: Iterable[UUID]) -> None:
    """Rebuild conversations from the event log, after events moved between contacts: also state, assignee and read mark, which people set.

    Needs SYSTEM scope and the contacts' locks.
    """
    ids = sorted(set(contacts))
    if not ids:
        return
    untouched = dict.fromkeys(ids, False)
    refresh(untouched)  # makes those there were not
    db.prepared(SQL["restore"], {**CONSTANT, "contacts": ids})
    refresh(untouched)


def hold_writers(messages: Iterable[UUID]) -> list[UUID]:
    """Lock the contacts of these messages as `hold_contacts` does, and return them."""
    return [id for (id,) in db.prepared(LOCK_WRITERS, [sorted(set(messages))])]


def hold_contacts(contacts: Iterable[UUID]) -> None:
    """Lock these contacts against concurrent recording of their mails. Call before locking messages and conversations."""
    db.prepared(LOCK_CONTACTS, [sorted(set(contacts))])
