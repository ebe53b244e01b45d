"""Queries of the inbox: conversations of a lane (a section such as "open") and counts of all lanes.

A lane is read by its index. A snooze that ends writes nothing, so conversations whose snooze has ended are a second, small part of every
list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import orjson
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from messaging import search
from messaging.choices import ConversationState, Lane, OutboxState
from messaging.models import ContactLabel, Conversation, Message
from messaging.querysets import AWAY, CATEGORY_LANES, SETTLED, lane_condition, late_condition
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parents[1] / "sql" / "inbox")
MOST_COUNTED = 1000
"""Limit up to which a lane is counted; beyond, "999+" is shown."""

PAGE = 50
RARE = 2000
"""Contacts of a label up to which a list is filtered by their ids."""

ANSWERED_FIRST = (Lane.NEEDS_REPLY, Lane.MEETING, Lane.QUESTION, Lane.OBJECTION, Lane.UNSURE)
"""Lanes whose conversations wait for an answer now."""

RANKS: Mapping[Lane, int] = {Lane.MEETING: 0, Lane.QUESTION: 2, Lane.OBJECTION: 3, Lane.UNSURE: 4}
"""Rank of lanes by urgency of an answer; 1 (not listed): interested, or without a category."""

BY_IMPORTANCE = (
    OutboxState.FAILED, OutboxState.UNKNOWN, OutboxState.SENDING, OutboxState.QUEUED, OutboxState.DRAFT,
)  # fmt: skip
"""States of unsent replies, those that need a person's attention first."""

LANE_OF_CATEGORY: Mapping[str, str] = {
    **dict.fromkeys(AWAY, Lane.AWAY.value),
    **dict.fromkeys(SETTLED, Lane.DONE.value),
    **{category: lane.value for lane, categories in CATEGORY_LANES.items() for category in categories},
}
"""Lane of an open conversation by its category; every other category needs a reply."""


@dataclass(frozen=True, slots=True)
class Place:
    """Position at which a page of a list ended: time and id of its last conversation."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Parse the text that `str()` gives. Raises ValueError for any other text."""
        at, _, id = text.partition("~")
        place = cls(datetime.fromisoformat(at), UUID(id))
        if place.at.tzinfo is None:
            raise ValueError("a place has a time zone")
        return place


@dataclass(frozen=True, slots=True)
class Asked:
    """Lane and filters of a list. `lane` None: all lanes; `assignee`: a user's id."""

    lane: Lane | None = Lane.NEEDS_REPLY
    label: str = ""
    assignee: UUID | None = None
    unread: bool = False
    words: str = ""
    late_hours: int = 0  # only what has waited for our answer for longer; 0: all

    @property
    def is_narrowed(self) -> bool:
        return self != replace(Asked(), lane=self.lane)


def narrowed(asked: Asked, organizations: Sequence[UUID]) -> "QuerySet[Conversation]":
    """Return the conversations that match the filters, of any lane. Runs in the caller's scope."""
    rows: QuerySet[Conversation] = Conversation.objects.all()
    if asked.label:
        rows = labelled(rows, asked.label, organizations)
    if asked.assignee:
        rows = rows.filter(assignee_id=asked.assignee)
    if asked.unread:
        rows = rows.filter(is_unread=True)
    if asked.words:
        only = organizations[0] if len(organizations) == 1 else None
        hits = search.newest(search.SearchQuery(asked.words, organization_id=only), limit=search.COUNTED)
        found = Message.objects.filter(organization_id__in=organizations, pk__in=[hit.id for hit in hits])
        rows = rows.filter(pk__in=found.order_by().values("contact_id"))
    return rows


def labelled(rows: "QuerySet[Conversation]", name: str, organizations: Sequence[UUID]) -> "QuerySet[Conversation]":
    """Narrow to conversations with a label: by the list of its contacts or, if those are many, by checking each row. PostgreSQL's planner
    knows neither their number nor their lanes, and would read a whole lane for a rare label.
    """
    own = ContactLabel.objects.filter(organization_id__in=list(organizations), name=name).order_by()
    rare = list(own.values_list("contact_id", flat=True)[: RARE + 1])
    if len(rare) <= RARE:
        return rows.filter(pk__in=rare)
    same = ContactLabel.objects.filter(
        organization_id=OuterRef("organization_id"), contact_id=OuterRef("pk"), name=name
    )
    return rows.filter(Exists(same))


def keys(
    asked: Asked, organizations: Sequence[UUID], *, now: datetime, before: Place | None = None, limit: int = PAGE
) -> list[UUID]:
    """Return the keys of up to `limit` conversations, latest mail first, behind `before`. One statement, one more for a label or words."""
    if not organizations:
        return []
    rows = narrowed(asked, organizations)
    if asked.late_hours:
        rows = rows.filter(late_condition(before=now - timedelta(hours=asked.late_hours)))
    if before is not None:
        rows = rows.filter(last_mail_at__lte=before.at).exclude(last_mail_at=before.at, pk__gte=before.id)
    parts = [
        rows.filter(condition, organization_id=organization)
        .order_by("-last_mail_at", "-pk")
        .values_list("pk", "last_mail_at")[:limit]
        for organization in organizations
        for condition in _parts(asked.lane, now)
    ]
    if len(parts) == 1:
        return [key for key, _ in parts[0]]
    merged = parts[0].union(*parts[1:], all=True).order_by("-last_mail_at", "-id")
    return [key for key, _ in merged[:limit]]


def _parts(lane: Lane | None, now: datetime) -> list[Q]:
    """Return two disjoint conditions: rows stored in the lane, and snoozed rows whose time has come."""
    if lane is None:
        return [Q()]
    if lane == Lane.SNOOZED:
        return [Q(lane=lane.value, snoozed_until__gt=now)]
    if lane == Lane.WAITING:
        return [Q(lane=lane.value)]
    ended = Q(state=ConversationState.SNOOZED, snoozed_until__lte=now)
    return [Q(lane=lane.value), ended & lane_condition(lane, now=now)]


def to_answer(organizations: Sequence[UUID], *, now: datetime, limit: int) -> list[UUID]:
    """Return the keys of conversations that wait for an answer: meeting requests first, then the longest waiting. Runs in the caller's
    scope.
    """
    rank = Case(
        *(When(category__in=CATEGORY_LANES[lane], then=Value(place)) for lane, place in RANKS.items()), default=Value(1)
    )
    ended = Q(state=ConversationState.SNOOZED, snoozed_until__lte=now)
    here = Q(lane__in=[lane.value for lane in ANSWERED_FIRST])
    for lane in ANSWERED_FIRST:
        here |= ended & lane_condition(lane, now=now)
    rows = Conversation.objects.filter(here, organization_id__in=list(organizations))
    return list(rows.order_by(rank, "waiting_since", "pk").values_list("pk", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class LaneCount:
    """Number of conversations of a lane; `is_more`: counting stopped early; since when its oldest reply waits."""

    lane: Lane
    count: int
    oldest: datetime | None

    @property
    def is_more(self) -> bool:
        return self.count >= MOST_COUNTED


def counts(organizations: Sequence[UUID], *, now: datetime) -> dict[Lane, LaneCount]:
    """Return the counts of every lane in order, in one statement. Runs in the caller's scope."""
    values = {
        "organizations": list(organizations), "now": now, "most": MOST_COUNTED, "names": [lane.value for lane in Lane],
        "lanes": orjson.dumps(LANE_OF_CATEGORY).decode(),
    }  # fmt: skip
    rows = {row[0]: row[1:] for row in db.prepared(SQL["counts"], values)}
    woken = sum(row[2] for row in rows.values())
    made = {}
    for lane in Lane:
        count, oldest, awake, awake_oldest = rows[lane.value]
        total = count - min(woken, count) if lane == Lane.SNOOZED else count + awake
        made[lane] = LaneCount(lane, min(total, MOST_COUNTED), min(filter(None, (oldest, awake_oldest)), default=None))
    return made


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation as a list shows it. `text`: beginning of the latest received mail, empty if texts are not shown. `assignee`: name of
    the person assigned, empty for staff. `replies`: states of outbox replies that are not sent; of drafts only the reader's own.
    """

    id: UUID
    organization_id: UUID
    state: str
    done_reason: str
    snoozed_until: datetime | None
    last_mail_at: datetime
    waiting_since: datetime | None
    is_unread: bool
    category: str | None
    assignee_id: UUID | None
    email: str
    name: str
    company: str | None
    subject: str | None
    text: str
    labels: Sequence[str]
    assignee: str
    replies: Sequence[str]

    @property
    def reply(self) -> str:
        """Return the most important state among the outbox replies that are not sent, empty without any."""
        return next((state.value for state in BY_IMPORTANCE if state in self.replies), "")

    @property
    def place(self) -> Place:
        return Place(self.last_mail_at, self.id)

    @property
    def open_lane(self) -> str:
        """Return the lane of a conversation that waits for an answer."""
        return LANE_OF_CATEGORY.get(self.category or "", Lane.NEEDS_REPLY.value)


def rows(keys: Sequence[UUID], *, texts: bool, reader: UUID | None = None) -> list[Row]:
    """Return the rows of these keys, in their order, in one statement; `texts`: with the beginning of the mail; `reader`: whose drafts."""
    if not keys:
        return []
    return [Row(*row) for row in db.prepared(SQL["rows"], {"keys": list(keys), "texts": texts, "reader": reader})]


@dataclass(frozen=True, slots=True)
class Choices:
    """Values of the filters: labels, assignees (id, name, role), and the latest feed number."""

    labels: Sequence[str]
    team: Sequence[Mapping[str, str]]
    position: int


def choices(organizations: Sequence[UUID]) -> Choices:
    """Return the values to filter lists of these organizations by, in one statement; members only for a single organization."""
    one = organizations[0] if len(organizations) == 1 else None
    row = db.prepared(SQL["choices"], {"organizations": list(organizations), "one": one}).fetchone()
    assert row is not None
    return Choices(*row)
