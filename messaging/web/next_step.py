"""Next step of a contact beside its conversation: suggestion, reason and decision."""

from datetime import datetime
from typing import Any

from messaging.follow_ups.decisions import Why
from messaging.follow_ups.of_contact import follow_up_of
from messaging.models import Contact
from messaging.web import follow_up_words


def next_step(contact: Contact, *, now: datetime) -> dict[str, Any]:
    """Return what conversation_step.html shows, in three statements. In the caller's scope; `now` in the reader's time zone."""
    up = follow_up_of(contact, now=now)
    decided_on = up.decision.on if up.decision else None
    return {**follow_up_words.step(up, today=now.date(), on=decided_on), "whys": Why.choices}
