"""Queryset of conversations: filter by lane (section of the inbox), with the condition of each lane."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, Q, TextField, Value, When

from messaging.choices import ConversationState, Lane

OPEN, WAITING, SNOOZED, DONE = ConversationState
AWAY = ("out_of_office", "auto_reply")
SETTLED = ("not_interested", "unsubscribe", "complaint", "wrong_person", "left_company")
"""Categories that need no answer: such a conversation is shown among the done ones, with a suggestion."""
CATEGORY_LANES = {
    Lane.MEETING: ("meeting",),
    Lane.QUESTION: ("question",),
    Lane.OBJECTION: ("objection",),
    Lane.LATER: ("not_now",),
    Lane.UNSURE: ("unsure",),
}
OPEN_LANE = Case(
    When(is_untracked=True, then=Value(Lane.UNTRACKED.value)),
    When(category__in=AWAY, then=Value(Lane.AWAY.value)),
    When(category__in=SETTLED, then=Value(Lane.DONE.value)),
    *(When(category__in=categories, then=Value(lane.value)) for lane, categories in CATEGORY_LANES.items()),
    default=Value(Lane.NEEDS_REPLY.value),
    output_field=TextField(),
)
"""SQL expression: the lane of an open conversation."""
LANE = Case(
    When(state=SNOOZED, then=Value(Lane.SNOOZED.value)),
    When(state=DONE, then=Value(Lane.DONE.value)),
    When(state=WAITING, category__in=AWAY, then=Value(Lane.AWAY.value)),
    When(state=WAITING, then=Value(Lane.WAITING.value)),
    default=OPEN_LANE,
    output_field=TextField(),
)
"""SQL expression: the lane of a conversation by its row alone, in which a snooze that has ended still counts."""
ELSEWHERE = (*AWAY, *SETTLED, *(category for categories in CATEGORY_LANES.values() for category in categories))


class ConversationQuerySet(models.QuerySet[Any]):
    def in_lane(self, lane: Lane, *, now: datetime) -> "ConversationQuerySet":
        """Narrow to one lane. Each conversation is in exactly one; a snooze that ended by `now` counts as open."""
        return self.filter(lane_condition(lane, now=now))


ANSWERABLE = (Lane.NEEDS_REPLY, Lane.MEETING, Lane.QUESTION, Lane.OBJECTION, Lane.UNSURE)
"""Lanes whose conversations wait for our answer."""


def late_condition(*, before: datetime) -> Q:
    """Return the condition for open conversations that have waited for our answer since before a time."""
    return Q(lane__in=[lane.value for lane in ANSWERABLE], state=OPEN, waiting_since__lt=before)


def lane_condition(lane: Lane, *, now: datetime) -> Q:
    is_open = Q(state=OPEN) | Q(state=SNOOZED, snoozed_until__lte=now)
    tracked = is_open & Q(is_untracked=False)
    if lane in CATEGORY_LANES:
        return tracked & Q(category__in=CATEGORY_LANES[lane])
    conditions = {
        Lane.NEEDS_REPLY: tracked & (Q(category__isnull=True) | ~Q(category__in=ELSEWHERE)),
        Lane.AWAY: (tracked | Q(state=WAITING)) & Q(category__in=AWAY),
        Lane.WAITING: Q(state=WAITING) & (Q(category__isnull=True) | ~Q(category__in=AWAY)),
        Lane.SNOOZED: Q(state=SNOOZED, snoozed_until__gt=now),
        Lane.DONE: Q(state=DONE) | (tracked & Q(category__in=SETTLED)),
        Lane.UNTRACKED: is_open & Q(is_untracked=True),
    }
    return conditions[lane]
