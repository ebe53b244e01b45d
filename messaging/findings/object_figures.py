"""Figures of one object for staff's pages: 30 days, the 30 before, and a line of sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from messaging import stats
from messaging.models import DailyStats

DAYS = 30
STATS = ("sent", "replied", "replies", "positive_replies", "meetings", "bounced", "unsubscribed")
"""Names of messaging.stats; none of them needs tracking."""


@dataclass(frozen=True, slots=True)
class ObjectFigures:
    """Stats of one object for its admin page. `now` and `before`: the sums of 30 days by stat. `lines`: by stat, a number a day of the last
    30, oldest first."""

    now: Mapping[str, int]
    before: Mapping[str, int]
    lines: Mapping[str, Sequence[int]]


def figures_of(rows: "QuerySet[DailyStats]", *, today: date) -> ObjectFigures:
    """Return the figures of these rollup rows, in one statement. `today` is a UTC day and the last one."""
    days = [today - timedelta(days=number) for number in reversed(range(2 * DAYS))]
    found = stats.daily(stats.Period(days[0], today).filter(rows), STATS).get((), {})
    lines = {name: [found[day][place] if day in found else 0 for day in days] for place, name in enumerate(STATS)}
    return ObjectFigures(
        now={name: sum(line[DAYS:]) for name, line in lines.items()},
        before={name: sum(line[:DAYS]) for name, line in lines.items()},
        lines={name: line[DAYS:] for name, line in lines.items()},
    )
