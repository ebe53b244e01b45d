"""Parse and build the URLs of inbox pages: section (lane), filters, list position, conversation."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from messaging.choices import Lane
from messaging.inbox.listing import Asked, Place
from salesbrain.web import organizations

ME, ALL = "me", "all"
LONGEST, MOST_HOURS = 200, 8784


def read(query: QueryDict, *, user_id: UUID) -> Asked:
    """Parse the query string of `/inbox`. An unknown lane becomes the first one, an unknown filter is dropped; a search is in all lanes."""
    words = query.get("q", "").replace("\0", "").strip()[:LONGEST]
    late = _hours(query.get("late", ""))
    named = query.get("lane", ALL if words or late else Lane.NEEDS_REPLY.value)
    lane = Lane(named) if named in Lane.values else None if named == ALL else Lane.NEEDS_REPLY
    who = query.get("who", "")
    return Asked(
        lane=lane,
        label=" ".join(query.get("label", "").replace("\0", "").split())[:LONGEST],
        assignee=user_id if who == ME else organizations.parse(who),
        unread="unread" in query,
        words=words,
        late_hours=late,
    )


def _hours(text: str) -> int:
    """Parse a number of hours; 0 for an invalid one and for more than a year."""
    hours = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return hours if hours <= MOST_HOURS else 0


def place_of(query: QueryDict, name: str) -> Place | None:
    """Parse a page position: `before` of the list, `older` of the mails. Raises Http404 for a malformed one."""
    text = query.get(name, "")
    try:
        return Place.read(text) if text else None
    except (ValueError, OverflowError):
        raise Http404 from None


def values_of(asked: Asked) -> dict[str, str]:
    """Return lane and filters as fields of a query string."""
    lane = asked.lane.value if asked.lane else ALL
    searches = asked.words or asked.late_hours  # what is looked for in all lanes unless one is named
    given: dict[str, Any] = {
        "lane": "" if lane == Lane.NEEDS_REPLY and not searches else lane, "label": asked.label, "who": asked.assignee or "",
        "unread": "1" if asked.unread else "", "q": asked.words, "late": asked.late_hours or "",
    }  # fmt: skip
    return {name: str(value) for name, value in given.items() if value}


def address(asked: Asked, conversation: UUID | None = None, **more: object) -> str:
    """Return the address of a list, with `conversation` open beside it."""
    path = reverse("conversation", args=[conversation]) if conversation else reverse("inbox")
    query = urlencode({**values_of(asked), **{name: str(value) for name, value in more.items() if value}})
    return f"{path}?{query}" if query else path


def lane_address(asked: Asked, lane: Lane) -> str:
    """Return the address of another lane with the same filters, without the search words."""
    return address(replace(asked, lane=lane, words=""))
