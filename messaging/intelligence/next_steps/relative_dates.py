"""Parse relative dates: tomorrow, weekdays, calendar weeks."""

from dataclasses import replace

from messaging.intelligence.next_steps.calendar_dates import read_calendar, weekday_and_date, year_at
from messaging.intelligence.next_steps.calendar_words import (
    AFTER_NEXT,
    COMPOUND_WEEKDAYS,
    NEXT,
    NUMBER_WORDS,
    PARTS,
    PARTS_OF_DAY,
    RELATIVE,
    SURE_WEEK_WORDS,
    THIS,
    WEEK_WORDS,
    WEEKDAYS,
    WEEKS,
)
from messaging.intelligence.next_steps.cursor import Cursor
from messaging.intelligence.next_steps.points import Point


def read_week(cursor: Cursor, at: int) -> Point | None:
    """Read a calendar week: "KW 34", "KW34/2025", "calendar week 34", "week 34", "34. KW"."""
    begin = at
    part = ""
    if cursor.text(at) in PARTS and cursor.text(at + 1) in {*SURE_WEEK_WORDS, "der", "of", "calendar"}:
        part, at = PARTS[cursor.text(at)], at + 1
        at += cursor.text(at) in {"der", "of"}
    at += cursor.text(at) in {"calendar", "der"}
    if cursor.text(at) in WEEK_WORDS:
        number_at = at + 1 + (cursor.text(at + 1) in {".", "-", ":"} and cursor.text(at) in SURE_WEEK_WORDS)
        number_at += cursor.text(number_at) in {"nr", "no"}
        if cursor.is_number(number_at) and 1 <= cursor.number(number_at) <= 53:
            end, year = number_at + 1, None
            if cursor.text(end) == "/" and cursor.is_number(end + 1) and len(cursor.text(end + 1)) == 4:
                year, end = year_at(cursor, end + 1), end + 2
            elif cursor.is_number(end) and len(cursor.text(end)) == 4:
                year, end = year_at(cursor, end), end + 1
            return Point(begin, end, week=cursor.number(number_at), year=year, part=part)
    if (
        cursor.is_number(at)
        and 1 <= cursor.number(at) <= 53
        and cursor.text(at + 1) == "."
        and cursor.text(at + 2) in {"kw", "kalenderwoche"}
    ):
        return Point(begin, at + 3, week=cursor.number(at), part=part)
    return None


def read_relative(cursor: Cursor, at: int) -> Point | None:
    word = cursor.text(at)
    if word == "the" and [cursor.text(at + more) for more in (1, 2, 3)] == ["day", "after", "tomorrow"]:
        return Point(at, at + 4, days=2)
    if (
        word == "morgen"
        and cursor.text(at - 1) in {"guten", "heute", "am", "jeden", "schoenen"}
        or cursor.text(at - 1) in WEEKDAYS
    ):
        return None
    if word not in RELATIVE:
        return None
    return named_day(cursor, at) or Point(at, at + 1, days=RELATIVE[word])


def named_day(cursor: Cursor, at: int) -> Point | None:
    """Read the date that names a relative day again: "tomorrow, Sept. 12", "heute (14.8.)"."""
    if cursor.text(at + 1) not in {",", "("}:
        return None
    found = weekday_and_date(cursor, at + 2) or read_calendar(cursor, at + 2)
    return replace(found, start=at, end=found.end + (cursor.text(found.end) == ")")) if found else None


def read_weekday(cursor: Cursor, at: int) -> Point | None:
    """Read a weekday: "Monday", "next Tuesday", "Montag nächster Woche", "in zwei Wochen am Montag"."""
    begin = at
    weeks, in_weeks, hour = None, None, None
    ahead = weeks_ahead(cursor, at)
    if ahead:
        at, weeks = ahead
        at += cursor.text(at) == ","
        at += cursor.text(at) in {"am", "on", "von", "from", "ab", "bis", "until"}
    else:
        counted = weeks_from_now(cursor, at)
        if counted:
            at, in_weeks = counted
            at += cursor.text(at) == ","
            at += cursor.text(at) in {"am", "on", "from"}
    while cursor.text(at) in NEXT | THIS | {"der", "the"} and at - begin < 4:
        at += 1
    name = cursor.text(at)
    weekday = WEEKDAYS.get(name, -1)
    if weekday < 0 and name in COMPOUND_WEEKDAYS:
        weekday, hour = COMPOUND_WEEKDAYS[name]
    if weekday < 0:
        return None
    end = at + 1
    if cursor.text(end) in PARTS_OF_DAY:
        hour, end = PARTS_OF_DAY[cursor.text(end)], end + 1
    after = end + (cursor.text(end) in {"of", "der", ","})
    after += cursor.text(after) in {"in", "der"}
    if cursor.text(end) == "week":  # "Tuesday week", the one after the next
        return Point(begin, end + 1, weekday=weekday, in_weeks=1)
    ahead = weeks_ahead(cursor, after)
    counted = weeks_from_now(cursor, end)
    if ahead and weeks is None and in_weeks is None:
        end, weeks = ahead
    elif counted and weeks is None and in_weeks is None:
        end, in_weeks = counted
    return Point(begin, end, weekday=weekday, weeks=weeks, in_weeks=in_weeks, hour=hour)


def weeks_ahead(cursor: Cursor, at: int) -> tuple[int, int] | None:
    """Return (end, weeks) of "next week", "übernächste Woche", "the week after next"."""
    word = cursor.text(at)
    if cursor.text(at + 1) in {"woche", "week"}:
        for words, weeks in ((NEXT, 1), (AFTER_NEXT, 2), (THIS, 0)):
            if word in words:
                return at + 2, weeks
    if word == "the" and [cursor.text(at + more) for more in (1, 2, 3)] == ["week", "after", "next"]:
        return at + 4, 2
    if word == "week" and [cursor.text(at + more) for more in (1, 2)] == ["after", "next"]:
        return at + 3, 2
    return None


def weeks_from_now(cursor: Cursor, at: int) -> tuple[int, int] | None:
    """Return (end, weeks) of "in zwei Wochen", "in 2 weeks"."""
    if cursor.text(at) != "in" or cursor.text(at + 2) not in WEEKS:
        return None
    count = cursor.number(at + 1) if cursor.is_number(at + 1) else NUMBER_WORDS.get(cursor.text(at + 1), -1)
    return (at + 3, count) if 1 <= count <= 20 else None
