"""Parse times of day in a mail's tokens, to separate them from dates: "14.30 Uhr", "9 am", "um 10"."""

from dataclasses import replace

from messaging.intelligence.next_steps.calendar_words import PARTS_OF_DAY, WEEKDAYS
from messaging.intelligence.next_steps.cursor import Cursor
from messaging.intelligence.next_steps.points import Point


def read_clock(cursor: Cursor, at: int) -> Point | None:
    """Parse a time of day as a point without a day, so that "14.30 Uhr" is not read as the 14th of a month."""
    if not cursor.is_number(at) or cursor.number(at) > 24:
        return None
    end, hour = at + 1, cursor.number(at)
    if (
        cursor.text(end) in {":", "."}
        and cursor.is_number(end + 1)
        and len(cursor.text(end + 1)) == 2
        and cursor.is_glued(end + 1)
    ):
        minutes = cursor.number(end + 1)
        colon = cursor.text(end) == ":"
        clock = clock_word(cursor, end + 2)
        if minutes < 60 and (colon or clock):
            return Point(at, end + 2 + clock, hour=hour_of(cursor, hour, end + 2))
        return None
    clock = clock_word(cursor, end)
    return Point(at, end + clock, hour=hour_of(cursor, hour, end)) if clock else None


def clock_word(cursor: Cursor, at: int) -> int:
    """Return the number of tokens of "Uhr", "am", "a.m." here. A lone German "am" is none: "um 9 am 18.8."."""
    word = cursor.text(at)
    if word in {"uhr", "h", "o'clock"}:
        return 1
    if word in {"am", "pm"}:
        return (
            0
            if word == "am"
            and (cursor.is_number(at + 1) or cursor.text(at + 1) in WEEKDAYS)
            and not cursor.is_glued(at)
            else 1
        )
    if word in {"a", "p"} and cursor.text(at + 1) == "." and cursor.text(at + 2) == "m":
        return 4 if cursor.text(at + 3) == "." else 3
    return 0


def hour_of(cursor: Cursor, hour: int, at: int) -> int:
    return hour + 12 if cursor.text(at)[:1] == "p" and hour < 12 else hour


def with_hour(cursor: Cursor, point: Point) -> Point:
    """Add a time of day that follows a day: ", 9 Uhr", "at 10:00", "um 9", "morning"."""
    if not point.is_a_day:
        return point
    at = point.end
    if cursor.text(at) == ",":
        at += 1
    if cursor.text(at) in {"in", "at", "um", "ab", "gegen", "the", "spaet", "frueh"} and (
        cursor.is_number(at + 1) or cursor.text(at + 1) in PARTS_OF_DAY or cursor.text(at + 2) in PARTS_OF_DAY
    ):
        at += 1 if cursor.text(at + 1) != "the" else 2
    if cursor.text(at) in PARTS_OF_DAY and at - point.end <= 2:
        return replace(point, end=at + 1, hour=PARTS_OF_DAY[cursor.text(at)])
    clock = read_clock(cursor, at)
    if clock:
        return replace(point, end=clock.end, hour=clock.hour)
    if cursor.text(at - 1) in {"um", "at"} and cursor.is_number(at) and cursor.number(at) <= 24 and at > point.end:
        return replace(point, end=at + 1, hour=cursor.number(at))
    return point
