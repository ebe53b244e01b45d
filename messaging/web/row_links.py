"""Links from a stat to the list of the rows it counts, and the filters by which the lists find them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode

from messaging.choices import Direction, MessageKind
from messaging.events import EventType

MAILS: Mapping[str, tuple[str, Q]] = {
    "sent": ("sent_at", Q(direction=Direction.OUT)),
    "replied": ("replied_at", Q()),
    "replies": ("sent_at", Q(direction=Direction.IN, is_auto_reply=False)),
    "bounced": ("bounced_at", Q()),
}
"""By figure that counts mails: the date column that determines its day, and the condition for the mails."""

PEOPLE: Mapping[str, str] = {
    "positive_replies": EventType.LEAD_INTERESTED,
    "negative_replies": EventType.LEAD_NOT_INTERESTED,
    "meetings": EventType.LEAD_MEETING_BOOKED,
    "unsubscribed": EventType.EMAIL_UNSUBSCRIBED,
    "complaints": EventType.EMAIL_SPAM_REPORT,
}
"""By figure that counts events of people: the event type. A contact with two such events is one row."""

OF_CAMPAIGNS = Q(kind=MessageKind.CAMPAIGN)


def rows_address(name: str, *, start: date | None = None, end: date | None = None, **narrowed: Any) -> str:
    """Return the URL of the rows that a stat counts in these UTC days, narrowed by `campaign` (id) or `account` (address)."""
    days = ("since", "until") if name in MAILS else ("counted_since", "counted_until")
    asked: dict[str, Any] = {"figure": name, **{key: value for key, value in narrowed.items() if value}}
    asked |= {key: day.isoformat() for key, day in zip(days, (start, end), strict=True) if day}
    return f"{reverse('messages' if name in MAILS else 'contacts')}?{urlencode(asked)}"
