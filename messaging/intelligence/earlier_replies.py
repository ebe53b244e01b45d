"""Find an organization's earlier reply to a similar mail that led to a meeting, as a draft.

It is offered as a draft and never sent by itself. A meeting is what the provider reports as booked; a reply counts as its cause if the
meeting followed within WITHIN.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from messaging.choices import Direction
from messaging.events import AI_AGENT_EMAIL_SENT
from messaging.inbox.listing import SQL
from messaging.inbox.snippets import VARIABLES
from messaging.intelligence.triage.neighbours import LEAST_ALIKE, dense
from messaging.mail_text.replies import reply_text
from messaging.models import Contact, Message
from messaging.replies import with_category
from salesbrain.kernel import db

WITHIN = timedelta(days=30)
LOOKED_AT = 100
NAMES = ("first_name", "last_name", "company", "email")
"""Fields of a contact that a reply may name."""

SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class EarlierReply:
    """An earlier reply to offer. `text` is the earlier reply with this contact's names in place of the other's. `likeness`: similarity of
    the two received mails, 0 to 1.
    """

    contact_id: UUID
    who: str
    at: datetime
    text: str
    likeness: float


def earlier_reply(contact: Contact) -> EarlierReply | None:
    """Return the earlier reply to the mail most similar to this contact's latest one, None if none of LOOKED_AT mails is similar. Mails of
    different categories are not alike. Two statements, in the caller's scope."""
    asked = _latest_of(contact)
    if asked is None:
        return None
    category, own = getattr(asked, "category", None), dense(asked.subject, asked.reply_text or asked.body_text)
    values = {
        "organization": contact.organization_id, "contact": contact.pk, "within": WITHIN, "most": LOOKED_AT, "agents": AI_AGENT_EMAIL_SENT,
    }  # fmt: skip
    best: EarlierReply | None = None
    for id, email, first, last, company, at, sent, body, subject, text, theirs in db.prepared(
        SQL["earlier_replies"], values
    ):
        if category and theirs and category != theirs:
            continue
        likeness = float(own @ dense(subject, text))
        if likeness < LEAST_ALIKE or (best and best.likeness >= likeness):
            continue
        was = Contact(id=id, email=email, first_name=first, last_name=last, company=company)
        words = (sent or reply_text(body or "").text).strip()
        if words:
            best = EarlierReply(id, was.name or email, at, addressed(words, was, contact), likeness)
    return best


def addressed(text: str, was: Contact, to: Contact) -> str:
    """Return a text with one contact's names in place of another's; a name that the new one lacks becomes its variable in braces."""
    names: Mapping[str, str] = {
        value: VARIABLES[name](to) or f"{{{name}}}"
        for name in reversed(NAMES)
        if len(value := (getattr(was, name) or "").strip()) >= SHORTEST_NAME
    }
    if not names:
        return text
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    one_of = "|".join(map(re.escape, longest_first))
    pattern = re.compile(rf"(?<!\w)(?:{one_of})(?!\w)")
    return pattern.sub(lambda found: names[found[0]], text)


def _latest_of(contact: Contact) -> Message | None:
    received = Message.objects.filter(
        organization=contact.organization_id, contact=contact.pk, direction=Direction.IN, is_auto_reply=False
    )
    return with_category(received).order_by("-happened_at", "-id").first()
