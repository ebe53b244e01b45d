"""Resolve a written date ("Friday", "14 August") to a day, relative to the day of receipt."""

from dataclasses import dataclass
from datetime import date, timedelta

from messaging.intelligence.next_steps.calendar_words import EARLY, LATE, MID

HORIZON = 180
"""Days ahead within which a date without a year is resolved."""

LATELY = 3
"""Days back for which a written date is still resolved to the past."""

OLDEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


class Contradiction(Exception):
    """Error: the words of a date contradict each other: "Friday, 14 August 2025" was a Thursday."""


@dataclass(frozen=True, slots=True)
class Point:
    """A date as written; parts not written are None. Weekdays count from Monday, 0.

    `weeks`: in the week that many weeks after this one ("Monday next week"). `in_weeks`: "Monday in two weeks".
    `days`: so many days after today. `part`: early, mid or late in the month, quarter, week or year.
    `hour`: a time of day that stands beside it. `ambiguous`: 3/4, which is April for some and March for others.
    """

    start: int
    end: int
    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None
    week: int | None = None
    weeks: int | None = None
    in_weeks: int | None = None
    days: int | None = None
    quarter: int | None = None
    months: int | None = None
    quarters: int | None = None
    years: int | None = None
    part: str = ""
    hour: int | None = None
    ambiguous: bool = False
    impossible: bool = False

    @property
    def is_a_day(self) -> bool:
        """Return whether the date is a day, and not only a week, a month, a quarter or a year."""
        return self.day is not None or self.days is not None or self.weekday is not None


def next_weekday(day: date) -> date:
    """Return the day itself where it is one from Monday to Friday, else the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def weekday_after(day: date) -> date:
    return next_weekday(day + timedelta(days=1))


def weekdays_between(first: date, last: date) -> int:
    """Count Mondays to Fridays strictly between two days."""
    days = (last - first).days - 1
    return sum((first + timedelta(days=1 + after)).weekday() < 5 for after in range(max(0, min(days, 400))))


def make(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if OLDEST <= found <= LATEST else None


def resolve(point: Point, received: date, *, lately: int = LATELY, horizon: int = HORIZON) -> date | None:
    """Return the day of a written date, None if it is ambiguous. Raises Contradiction.

    Without a year the next such day within `horizon` days, or one of the last `lately` days.
    """
    if point.ambiguous:
        return None
    if point.impossible:
        raise Contradiction
    if point.days is not None:
        return received + timedelta(days=point.days)
    if point.week is not None:
        return _week(point.week, point.year, received, point.weekday or 0, horizon)
    if point.day is not None:
        return _calendar_day(point, received, lately, horizon)
    return _weekday(point, received) if point.weekday is not None else None


def _calendar_day(point: Point, received: date, lately: int, horizon: int) -> date | None:
    assert point.day is not None
    if point.month is None:
        months = [
            (received.year + (received.month - 1 + more) // 12, (received.month - 1 + more) % 12 + 1)
            for more in (0, 1, 2)
        ]
    elif point.year is not None:
        months = [(point.year, point.month)]
    else:
        months = [(received.year + more, point.month) for more in (-1, 0, 1)]
    days = [day for day in (make(*month, point.day) for month in months) if day]
    if point.month is not None and not days:
        raise Contradiction
    if point.year is None:
        earliest = received - timedelta(days=lately if point.month is not None else 0)
        days = [day for day in days if earliest <= day <= received + timedelta(days=horizon)][:1]
    if days and point.weekday is not None and days[0].weekday() != point.weekday:
        raise Contradiction
    return days[0] if days else None


def _week(week: int, year: int | None, received: date, weekday: int, horizon: int) -> date | None:
    this = received - timedelta(days=received.weekday())
    for candidate in (year,) if year is not None else (this.isocalendar().year, this.isocalendar().year + 1):
        try:
            monday = date.fromisocalendar(candidate, week, 1)
        except ValueError:
            continue
        if year is not None or this <= monday <= received + timedelta(days=horizon):
            return monday + timedelta(days=weekday)
    return None


def _weekday(point: Point, received: date) -> date | None:
    assert point.weekday is not None
    monday = received - timedelta(days=received.weekday())
    if point.weeks is not None:
        return monday + timedelta(days=7 * point.weeks + point.weekday)
    ahead = (point.weekday - received.weekday() - 1) % 7 + 1
    if point.in_weeks is not None:
        of_that_week = monday + timedelta(days=7 * point.in_weeks + point.weekday)
        if point.weekday == received.weekday():
            return of_that_week
        counted_from_the_next = received + timedelta(days=ahead + 7 * point.in_weeks)
        return of_that_week if of_that_week == counted_from_the_next else None
    return received + timedelta(days=ahead)


def first_weekday(point: Point, received: date) -> date | None:
    """Return the weekday used for a period: the first of a month, quarter or week, the 15th for "mid", the 25th for "end"."""
    start = _period_start(point, received)
    if start is None:
        return None
    if point.week is not None or point.weeks is not None:
        return start if point.part in ("", EARLY) else None
    if point.months is None and point.month is None:  # a quarter or a year
        return next_weekday(start) if point.part in ("", EARLY) else None
    day = {"": 1, EARLY: 1, MID: 15, LATE: 25}[point.part]
    return next_weekday(start.replace(day=day))


def _period_start(point: Point, received: date) -> date | None:
    if point.week is not None:
        return _week(point.week, point.year, received, 0, 366)
    if point.weeks is not None:
        return received - timedelta(days=received.weekday()) + timedelta(days=7 * point.weeks) if point.part else None
    if point.years is not None:
        return date(received.year + point.years, 1, 1) if point.part == EARLY else None
    if point.months is not None:
        return _month_start(received, point.months)
    if point.quarters is not None:
        return _month_start(received.replace(month=(received.month - 1) // 3 * 3 + 1, day=1), 3 * point.quarters)
    month = point.month if point.month is not None else (3 * point.quarter - 2 if point.quarter else None)
    if month is None:
        return make(point.year, 1, 1) if point.year is not None and point.part == EARLY else None
    if point.year is not None:
        return make(point.year, month, 1)
    return _next_period(month, 3 if point.quarter else 1, point.part, received)


def _next_period(month: int, length: int, part: str, received: date) -> date | None:
    """Return the period of this year or the next, whichever still has its day (first, 15th, 25th) to come."""
    day = {"": 1, EARLY: 1, MID: 15, LATE: 25}[part] if length == 1 else 1
    for year in (received.year, received.year + 1):
        if next_weekday(date(year, month, day)) > received:
            started = date(year, month, 1) <= received < _month_start(date(year, month, 1), length)
            return date(year, month, 1) if part or not started else None
        if date(year, month, 1) <= received < _month_start(date(year, month, 1), length):
            return None
    return None


def _month_start(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
