"""Compute the engagement score of one contact from its mails, opens, clicks and replies."""

from datetime import datetime

from messaging.choices import Direction
from messaging.intelligence.scoring.engagement import Engagement, Event, Signal, engagement
from messaging.models import Contact, Message
from messaging.replies import with_category

MOST = 300
"""Latest mails of a contact that are looked at; half-life leaves nothing of older ones."""
DATED = {
    "meeting_at": Signal.MEETING,
    "unsubscribed_at": Signal.UNSUBSCRIBED,
    "complained_at": Signal.COMPLAINED,
    "bounced_at": Signal.BOUNCED,
}
DECLINED = "lead_not_interested"
COLUMNS = (
    "id", "direction", "is_auto_reply", "happened_at", "opened_at", "clicked_at", "open_count", "click_count", "machine_open_count",
    "machine_click_count",
)  # fmt: skip


def engagement_of(contact: Contact, *, now: datetime) -> Engagement:
    """Return the contact's engagement score with the rows it is the sum of. A mail counts once as opened, and once as clicked."""
    own = Message.objects.filter(organization=contact.organization_id, contact=contact.pk)
    mails = with_category(own).only(*COLUMNS).order_by("-happened_at", "-id")[:MOST]
    events = [event for mail in mails for event in _of_mail(mail)]
    events += [Event(signal, at) for name, signal in DATED.items() if (at := getattr(contact, name))]
    verdict, at = (
        (contact.interest, contact.interest_at)
        if contact.staff_interest is None
        else (contact.staff_interest, contact.staff_interest_at)
    )
    if verdict == DECLINED and at:
        events.append(Event(Signal.DECLINED, at))
    return engagement(events, now=now)


def _of_mail(mail: Message) -> list[Event]:
    id, at = str(mail.pk), mail.happened_at
    if mail.direction == Direction.IN:
        said: list[Event] = [Event(Signal.AUTO_REPLY if mail.is_auto_reply else Signal.HUMAN_REPLY, at, id)]
        category: str | None = getattr(mail, "category", None)
        return [*said, Event(Signal.CATEGORY, at, id, category)] if category and not mail.is_auto_reply else said
    events = [Event(Signal.SENT, at, id)]
    for when, count, machines, human, machine in (
        (mail.opened_at, mail.open_count, mail.machine_open_count, Signal.HUMAN_OPEN, Signal.MACHINE_OPEN),
        (mail.clicked_at, mail.click_count, mail.machine_click_count, Signal.HUMAN_CLICK, Signal.MACHINE_CLICK),
    ):
        if when and count:
            events.append(Event(human if count > machines else machine, when, id))
    return events
