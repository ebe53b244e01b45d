"""Engagement of contacts, from their mails and dates, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from messaging.choices import Direction
from messaging.intelligence.scoring.engagement import SHIPPED, Engagement, Event, Signal, Weights, engagement
from messaging.models import Contact, Message
from messaging.replies import with_category

MOST = 300
"""Latest mails of a contact that are scored; older ones have no points left."""
DATED = {
    "meeting_at": Signal.MEETING,
    "unsubscribed_at": Signal.UNSUBSCRIBED,
    "complained_at": Signal.COMPLAINED,
    "bounced_at": Signal.BOUNCED,
}
DECLINED = "lead_not_interested"
COLUMNS = (
    "id", "contact_id", "direction",
    "is_auto_reply", "happened_at", "opened_at", "clicked_at", "open_count", "click_count", "machine_open_count",
    "machine_click_count",
)  # fmt: skip


def engagement_of(contact: Contact, *, now: datetime, weights: Weights = SHIPPED) -> Engagement:
    """Return the contact's engagement score and the rows that add up to it. A mail counts once as opened, and once as clicked."""
    return engagement(events_of([contact])[contact.pk], now=now, weights=weights)


def events_of(contacts: Sequence[Contact]) -> dict[UUID, list[Event]]:
    """Return the engagement events of each contact, from its mails and dates, in one statement. The contacts are of one organization."""
    found = {contact.pk: _of_dates(contact) for contact in contacts}
    if not contacts:
        return found
    own = Message.objects.filter(organization=contacts[0].organization_id, contact__in=list(found))
    rows = with_category(own).order_by("-happened_at", "-id")
    mails = rows.values_list(*COLUMNS, "category", named=True)
    counted = dict.fromkeys(found, 0)
    for mail in mails[:MOST] if len(contacts) == 1 else mails:
        counted[mail.contact_id] += 1
        if counted[mail.contact_id] <= MOST:
            found[mail.contact_id] += _of_mail(mail)
    return found


def _of_dates(contact: Contact) -> list[Event]:
    events = [Event(signal, at) for name, signal in DATED.items() if (at := getattr(contact, name))]
    verdict, at = (
        (contact.interest, contact.interest_at)
        if contact.staff_interest is None
        else (contact.staff_interest, contact.staff_interest_at)
    )
    return [*events, Event(Signal.DECLINED, at)] if verdict == DECLINED and at else events


def _of_mail(mail: Any) -> list[Event]:
    """Return the engagement events of one mail, given as a row of COLUMNS and category."""
    id, at = str(mail.id), mail.happened_at
    if mail.direction == Direction.IN:
        said: list[Event] = [Event(Signal.AUTO_REPLY if mail.is_auto_reply else Signal.HUMAN_REPLY, at, id)]
        counts = mail.category and not mail.is_auto_reply
        return [*said, Event(Signal.CATEGORY, at, id, mail.category)] if counts else said
    events = [Event(Signal.SENT, at, id)]
    for when, count, machines, human, machine in (
        (mail.opened_at, mail.open_count, mail.machine_open_count, Signal.HUMAN_OPEN, Signal.MACHINE_OPEN),
        (mail.clicked_at, mail.click_count, mail.machine_click_count, Signal.HUMAN_CLICK, Signal.MACHINE_CLICK),
    ):
        if when and count:
            events.append(Event(human if count > machines else machine, when, id))
    return events
