"""Timeline of a contact for API and pages: events and mails, latest first, in pages.

Most entries are events. A mail that only the inbox reported has no event, so its entry is made from its message row. Both are read from the
same position on and merged, so that a page costs the same at any depth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from messaging.choices import Direction
from messaging.events import REPLY_CATEGORY
from messaging.models import Contact, Event, Message, MessageCategory

CARRIES_MESSAGE = {"email_sent", "reply_received", "auto_reply_received"}
"""Events that are an email themselves; the others are about an email."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Event or mail of a timeline. `campaign`: name of its campaign; `category`: of a received mail; both only if requested (`names`)."""

    at: datetime
    key: str
    type: str
    detail: str
    campaign_id: Any
    event_id: int | None
    message: Message | None
    campaign: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Position at which a page ended: time and key of its last entry."""

    at: datetime
    key: str

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.key}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Parse the text that `str()` gives. Raises ValueError for any other text."""
        at, separator, key = text.partition("~")
        kind, _, number = key.partition(":")
        when = datetime.fromisoformat(at)
        if (
            not separator
            or when.tzinfo is None
            or kind not in ("e", "m")
            or len(number) > 36
            or (kind == "e" and not number.isdecimal())
        ):
            raise ValueError("no place in a timeline")
        return cls(when, key)


def timeline(
    contact: Contact, *, limit: int, before: Place | None = None, names: bool = False
) -> tuple[list[Entry], Place | None]:
    """Return up to `limit` entries older than `before`, and the next position, None at the end. Two statements.

    `names` adds the names of campaigns and the categories of received mails.
    """
    until = Q(happened_at__lte=before.at) if before else Q()
    own: dict[str, Any] = {"organization_id": contact.organization_id, "contact_id": contact.pk}
    events = Event.objects.filter(until, copy_of=None, **own).select_related("message").order_by("-happened_at", "-id")
    # Among this person's events: there is an index for those, and none for a message's.
    reported = Event.objects.filter(message_id=OuterRef("pk"), **own).exclude(type=REPLY_CATEGORY)
    messages = Message.objects.filter(until, ~Exists(reported), **own).order_by("-happened_at", "-id")
    if names:
        events, messages = _with_names(events, "message_id"), _with_names(messages, "pk")
    # Several things may have happened at the very instant the last page ended: read past those as well.
    reach = limit + 1 + (_count_at_instant(own, before) if before else 0)
    merged = merge(
        (_of_event(event) for event in events[:reach]),
        (_of_message(message) for message in messages[:reach]),
        key=_order,
        reverse=True,
    )
    found = [entry for entry in merged if before is None or _order(entry) < (before.at, _rank(before.key))][: limit + 1]
    page = found[:limit]
    return page, Place(page[-1].at, page[-1].key) if len(found) > limit else None


def _with_names(rows: Any, message: str) -> Any:
    category = MessageCategory.objects.filter(pk=OuterRef(message)).values("category")
    return rows.annotate(campaign_name=F("campaign__name"), category=Subquery(category))


def _count_at_instant(own: dict[str, Any], before: Place) -> int:
    at_instant: dict[str, Any] = {"happened_at": before.at, **own}
    return max(Event.objects.filter(**at_instant).count(), Message.objects.filter(**at_instant).count())


def _order(entry: Entry) -> tuple[datetime, Any]:
    return entry.at, _rank(entry.key)


def _rank(key: str) -> tuple[str, int, str]:
    kind, _, number = key.partition(":")
    return (kind, int(number), "") if kind == "e" else (kind, 0, number)


def _of_event(event: Event) -> Entry:
    message = event.message if event.type in CARRIES_MESSAGE else None
    named = getattr(event, "campaign_name", None), getattr(event, "category", None) if message else None
    return Entry(
        event.happened_at, f"e:{event.pk}", event.type, event.detail, event.campaign_id, event.pk, message, *named
    )


def _of_message(message: Message) -> Entry:
    kind = "message_sent" if message.direction == Direction.OUT else "message_received"
    named = getattr(message, "campaign_name", None), getattr(message, "category", None)
    return Entry(message.happened_at, f"m:{message.pk}", kind, "", message.campaign_id, None, message, *named)


def as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return entries as the API shows them (messaging.api.serializers.TimelineEntry)."""
    fields = ("id", "direction", "subject", "body_text", "reply_text", "email_account")
    return [
        {
            "at": entry.at,
            "type": entry.type,
            "detail": entry.detail,
            "campaign_id": entry.campaign_id,
            "event_id": entry.event_id,
            "message": {field: getattr(entry.message, field) for field in fields} if entry.message else None,
        }
        for entry in entries
    ]
