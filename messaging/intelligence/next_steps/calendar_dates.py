"""Parse calendar dates: numeric, with the month's name, ISO, with or without year and weekday."""

from dataclasses import replace

from messaging.intelligence.next_steps.calendar_words import (
    COMPOUND_WEEKDAYS,
    MONTHS,
    ORDINALS,
    SHORT_WEEKDAYS,
    WEEKDAYS,
)
from messaging.intelligence.next_steps.cursor import Cursor
from messaging.intelligence.next_steps.points import Point

DASHES = {"-", "–", "—", "−"}


def weekday_and_date(cursor: Cursor, at: int) -> Point | None:
    weekday = WEEKDAYS.get(cursor.text(at), SHORT_WEEKDAYS.get(cursor.text(at), -1))
    if weekday < 0 and cursor.text(at) in COMPOUND_WEEKDAYS:
        weekday = COMPOUND_WEEKDAYS[cursor.text(at)][0]
    if weekday < 0:
        return None
    after = at + 1
    while after - at <= 5 and cursor.text(after) in {
        ",",
        ".",
        "(",
        "den",
        "dem",
        "der",
        "the",
        "-",
        "–",
        "morgen",
        "am",
        "on",
        "morning",
    }:
        after += 1
    found = read_calendar(cursor, after) or day_of_month(cursor, after)
    if not found:
        return None
    closing = 1 if cursor.text(found.end) == ")" else 0
    return replace(found, start=at, end=found.end + closing, weekday=weekday)


def day_of_month(cursor: Cursor, at: int) -> Point | None:
    """Read a day without a month: "the 15th", "dem 15." """
    if not cursor.is_number(at) or not 1 <= cursor.number(at) <= 31:
        return None
    if cursor.text(at + 1) in ORDINALS and cursor.is_glued(at + 1):
        return Point(at, at + 2, day=cursor.number(at))
    if (
        cursor.text(at + 1) == "."
        and cursor.is_glued(at + 1)
        and cursor.text(at - 1) in {"den", "dem", "zum", "vom", "der", ",", "am", "bis", "ab"}
    ):
        return Point(at, at + 2, day=cursor.number(at))
    return None


def read_calendar(cursor: Cursor, at: int) -> Point | None:
    for read in (read_iso, read_numeric, read_slashed, read_dashed, day_month, month_day):
        found = read(cursor, at)
        if found:
            return with_weekday_behind(cursor, found)
    return None


def with_weekday_behind(cursor: Cursor, point: Point) -> Point:
    """Read a weekday after a date: "15.8. (Freitag)", "18 August (Mon)", "15. August, Freitag," """
    at = point.end
    if cursor.text(at) == "(":
        name = cursor.text(at + 1)
        weekday = WEEKDAYS.get(name, SHORT_WEEKDAYS.get(name, -1))
        close = at + 2 + (cursor.text(at + 2) == ".")
        if weekday >= 0 and cursor.text(close) == ")":
            return replace(point, end=close + 1, weekday=weekday)
    return point


def read_iso(cursor: Cursor, at: int) -> Point | None:
    """Read an ISO date: 2026-03-03, 2026/03/03, 2026.03.03"""
    sign = cursor.text(at + 1)
    if (
        len(cursor.text(at)) == 4
        and cursor.is_number(at)
        and sign in {"-", "/", ".", "–"}
        and cursor.text(at + 3) == sign
        and cursor.is_number(at + 2)
        and cursor.is_number(at + 4)
        and are_glued(cursor, at + 1, at + 4)
    ):
        return day_of(cursor, at, at + 5, cursor.number(at + 4), cursor.number(at + 2), cursor.number(at))
    return None


def are_glued(cursor: Cursor, start: int, end: int) -> bool:
    return all(cursor.is_glued(at) for at in range(start, end + 1))


def read_numeric(cursor: Cursor, at: int) -> Point | None:
    """Read a date with dots, day first: 14.8., 14.08.2025, 14. 8. 25, 14.08"""
    if not (
        cursor.is_number(at) and cursor.text(at + 1) == "." and cursor.is_glued(at + 1) and cursor.is_number(at + 2)
    ):
        return None
    if len(cursor.text(at)) > 2 or len(cursor.text(at + 2)) > 2 or not 1 <= cursor.number(at) <= 31:
        return None
    end, year = at + 3, None
    if cursor.text(end) == "." and cursor.is_glued(end):
        end += 1
        if cursor.is_number(end) and (cursor.is_glued(end) or len(cursor.text(end)) == 4):
            year = year_at(cursor, end)
            if year is None:
                return None
            end += 1
        elif cursor.text(end) in {"'", "’"} and cursor.is_number(end + 1):
            year, end = year_at(cursor, end + 1), end + 2
    elif (
        (
            not cursor.is_glued(at + 2)
            or cursor.text(end) in {"uhr", "h", ":", "%", "€", "eur", "euro", "/", ","}
            and cursor.is_glued(end)
            and cursor.text(end) != ","
        )
        or cursor.text(end) in {"uhr", "h", "%", "€", "eur", "euro", "mio", "kg", "m", "am", "pm"}
        and not (cursor.text(end) == "am" and not cursor.is_glued(end))
    ):
        return None
    return day_of(cursor, at, end, cursor.number(at), cursor.number(at + 2), year)


def year_at(cursor: Cursor, at: int) -> int | None:
    digits = len(cursor.text(at))
    if digits == 4 and 2000 <= cursor.number(at) <= 2100:
        return cursor.number(at)
    return 2000 + cursor.number(at) if digits == 2 else None


def read_slashed(cursor: Cursor, at: int) -> Point | None:
    """Read a date with slashes: 3/25/2026, 25/3/2026; 3/4 is ambiguous"""
    if not (
        cursor.is_number(at)
        and cursor.text(at + 1) == "/"
        and cursor.is_number(at + 2)
        and are_glued(cursor, at + 1, at + 2)
    ):
        return None
    first, second, end, year = cursor.number(at), cursor.number(at + 2), at + 3, None
    if max(len(cursor.text(at)), len(cursor.text(at + 2))) > 2 or cursor.text(end) == "." and cursor.is_number(end + 1):
        return None
    if cursor.text(end) == "/" and cursor.is_number(end + 1) and are_glued(cursor, end, end + 1):
        year, end = year_at(cursor, end + 1), end + 2
        if year is None:
            return None
    if first <= 12 and second <= 12:
        return Point(at, end, day=first, month=second, year=year, ambiguous=True)
    day, month = (second, first) if first <= 12 else (first, second)
    return day_of(cursor, at, end, day, month, year)


def read_dashed(cursor: Cursor, at: int) -> Point | None:
    """Read a date with dashes, day first: 14-08-2025, 14-Aug-2025, 14-Aug"""
    if not (cursor.is_number(at) and cursor.text(at + 1) in DASHES and are_glued(cursor, at + 1, at + 2)):
        return None
    month = MONTHS.get(cursor.text(at + 2))
    year = None
    has_year = cursor.text(at + 3) in DASHES and cursor.is_number(at + 4) and are_glued(cursor, at + 3, at + 4)
    if has_year:
        year = year_at(cursor, at + 4)
    if month:
        return day_of(cursor, at, at + 5 if has_year else at + 3, cursor.number(at), month, year)
    if not (has_year and year and cursor.is_number(at + 2) and len(cursor.text(at + 4)) == 4):
        return None
    first, second = cursor.number(at), cursor.number(at + 2)
    if first <= 12 and second <= 12:
        return Point(at, at + 5, day=first, month=second, year=year, ambiguous=True)
    day, month = (second, first) if first <= 12 else (first, second)
    return day_of(cursor, at, at + 5, day, month, year)


def day_month(cursor: Cursor, at: int) -> Point | None:
    """Read a date with the name of its month, day first: 14. August 2025, 14 Aug, 3rd of March, 14th March, 2025"""
    if not cursor.is_number(at) or len(cursor.text(at)) > 2:
        return None
    month_at = at + 1
    if cursor.text(month_at) == "." or cursor.text(month_at) in ORDINALS and cursor.is_glued(month_at):
        month_at += 1
        if cursor.text(month_at) == "." and cursor.text(month_at - 1) in ORDINALS:
            month_at += 1
    if cursor.text(month_at) in {"of", "des"}:
        month_at += 1
    month = MONTHS.get(cursor.text(month_at))
    if not month:
        return None
    end, year = year_behind(cursor, month_at + 1)
    return day_of(cursor, at, end, cursor.number(at), month, year)


def month_day(cursor: Cursor, at: int) -> Point | None:
    """Read a date with the name of its month, month first: March 3rd, 2026; Aug. 14; August the 14th"""
    month = MONTHS.get(cursor.text(at))
    if not month:
        return None
    day_at = at + 1 + (cursor.text(at + 1) == ".")
    day_at += cursor.text(day_at) == "the"
    if not cursor.is_number(day_at) or len(cursor.text(day_at)) > 2 or not 1 <= cursor.number(day_at) <= 31:
        return None
    end = day_at + 1
    if cursor.text(end) in ORDINALS and cursor.is_glued(end):
        end += 1
    elif cursor.text(end) == "." and cursor.is_glued(end) and cursor.text(end + 1) in MONTHS:
        return None  # "im August 15. September": two things
    elif cursor.text(end) in {":", "uhr", "h", "pm"} and cursor.text(end) != ":":
        return None
    end, year = year_behind(cursor, end)
    return day_of(cursor, at, end, cursor.number(day_at), month, year)


def year_behind(cursor: Cursor, at: int) -> tuple[int, int | None]:
    """Return (end, year) of a year that may follow a month or a day, with a dot or a comma before it."""
    after = at
    if cursor.text(after) in {".", ","}:
        after += 1
    if cursor.is_number(after) and len(cursor.text(after)) == 4 and cursor.text(after + 1) != ":":
        year = year_at(cursor, after)
        if year:
            return after + 1, year
    if cursor.text(after) == "'" and cursor.is_number(after + 1) and len(cursor.text(after + 1)) == 2:
        return after + 2, year_at(cursor, after + 1)
    return (
        at + 1
        if cursor.text(at) == "."
        and cursor.is_glued(at)
        and cursor.text(at - 1) in MONTHS
        and len(cursor.text(at - 1)) <= 5
        else at
    ), None


def day_of(cursor: Cursor, start: int, end: int, day: int, month: int, year: int | None) -> Point:
    possible = 1 <= month <= 12 and 1 <= day <= 31
    return Point(start, end, day=day, month=month, year=year, impossible=not possible)
