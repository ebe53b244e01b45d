"""Figures of one object for staff's pages: 30 days, the 30 before, and a line of sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from messaging import stats
from messaging.models import DailyStats

DAYS = 30


@dataclass(frozen=True, slots=True)
class ObjectFigures:
    """`now` and `before` as messaging.stats has them; `lines`: by stat, a number a day of the last 30, oldest first."""

    now: Mapping[str, Any]
    before: Mapping[str, Any]
    days: Sequence[date]
    lines: Mapping[str, Sequence[int]]


LINES = ("sent", "replies", "bounced")


def figures_of(rows: "QuerySet[DailyStats]", *, today: date) -> ObjectFigures:
    """Return the figures of these rollup rows, in three statements. `today` is a UTC day and the last one."""
    period = stats.Period(today - timedelta(days=DAYS - 1), today)
    before = period.before()
    assert before is not None and period.start is not None
    days = [period.start + timedelta(days=number) for number in range(DAYS)]
    by_day = stats.daily(period.filter(rows), LINES).get((), {})
    lines = {name: [by_day.get(day, (0,) * len(LINES))[place] for day in days] for place, name in enumerate(LINES)}
    return ObjectFigures(stats.total(period.filter(rows)), stats.total(before.filter(rows)), days, lines)
