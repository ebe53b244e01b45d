"""Facts shown beside a conversation: notes, labels, suppressions, snippets, team, time zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from messaging.inbox.free_mail import company_of
from messaging.inbox.listing import SQL
from messaging.models import Contact
from salesbrain.kernel import db

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Beside:
    """Facts shown beside a conversation. `seen`: the newest event's id. Notes are latest first. `related`: other people of the same company
    who wrote, each with a conversation of their own. `team`: the organization's people who can take care of it (id, name). `time_zone`:
    the one in the customer's list of leads, else empty.
    """

    seen: int
    notes: Rows
    labels: Sequence[str]
    suppressions: Rows
    related: Rows
    snippets: Rows
    team: Rows
    time_zone: str


def beside(contact: Contact) -> Beside:
    """Return everything shown beside a contact's conversation, in one statement. Runs in the caller's scope."""
    values = {
        "organization": contact.organization_id, "contact": contact.pk, "email": contact.email, "company": company_of(contact.email),
    }  # fmt: skip
    row = db.prepared(SQL["beside"], values).fetchone()
    assert row is not None
    seen, notes, labels, suppressions, related, snippets, team, time_zone = row
    return Beside(
        seen, _dated(notes, "created_at"), labels, _dated(suppressions, "at"), _dated(related, "at"), snippets, team, time_zone,
    )  # fmt: skip


def _dated(rows: Rows, name: str) -> Rows:
    return [{**row, name: datetime.fromisoformat(row[name])} for row in rows]
