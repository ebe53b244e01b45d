"""Parse months, quarters and years in a mail, and their beginning, middle and end."""

from dataclasses import replace

from messaging.intelligence.next_steps.calendar_dates import year_at, year_behind
from messaging.intelligence.next_steps.calendar_words import EARLY, MONTHS, NEXT, PARTS, THIS
from messaging.intelligence.next_steps.cursor import Cursor
from messaging.intelligence.next_steps.points import Point
from messaging.intelligence.next_steps.relative_dates import weeks_ahead


def read_period(cursor: Cursor, at: int) -> Point | None:
    """Read a period: "October", "Mitte Oktober 2026", "Ende nächsten Monats", "Q1 2026", "Anfang nächster Woche", "Anfang 2026"."""
    begin, part = at, ""
    if cursor.text(at) in PARTS:
        part, at = PARTS[cursor.text(at)], at + 1
        while cursor.text(at) in {"of", "the", "des", "der", "-", "im", "in"} and at - begin < 4:
            at += 1
    found = month_or_quarter(cursor, at, part)
    if found:
        return replace(found, start=begin)
    ahead = weeks_ahead(cursor, at)
    if ahead and not part:
        return Point(begin, ahead[0], weeks=ahead[1])
    if not part:
        return None
    if ahead:
        return Point(begin, ahead[0], weeks=ahead[1], part=part)
    if cursor.is_number(at) and len(cursor.text(at)) == 4 and year_at(cursor, at) and part == EARLY:
        return Point(begin, at + 1, year=year_at(cursor, at), part=part)
    if cursor.text(at) in NEXT and cursor.text(at + 1) in {"jahres", "jahr", "year"} and part == EARLY:
        return Point(begin, at + 2, years=1, part=part)
    return None


def month_or_quarter(cursor: Cursor, at: int, part: str) -> Point | None:
    month = MONTHS.get(cursor.text(at))
    if month and not cursor.is_number(at - 1) and not (cursor.text(at - 1) == "." and cursor.is_number(at - 2)):
        end, year = year_behind(cursor, at + 1)
        return Point(at, end, month=month, year=year, part=part)
    if cursor.text(at) in NEXT and cursor.text(at + 1) in {"monat", "monats", "month"}:
        return Point(at, at + 2, months=1, part=part)
    if part and cursor.text(at) in {"monats", "month"} and cursor.text(at - 1) in {"des", "the"}:
        return Point(at, at + 1, months=0, part=part)
    if part and cursor.text(at) in THIS and cursor.text(at + 1) in {"monats", "monat", "month"}:
        return Point(at, at + 2, months=0, part=part)
    if cursor.text(at) in NEXT and cursor.text(at + 1) in {"quartal", "quartals", "quarter"}:
        return Point(at, at + 2, quarters=1, part=part)
    return read_quarter(cursor, at, part)


def read_quarter(cursor: Cursor, at: int, part: str) -> Point | None:
    """Read a quarter: "Q1", "Q1/2026", "1. Quartal", "ersten Quartal", "first quarter"."""
    names = {
        "ersten": 1,
        "erstes": 1,
        "first": 1,
        "zweiten": 2,
        "zweites": 2,
        "second": 2,
        "dritten": 3,
        "dritte": 3,
        "drittes": 3,
        "vierte": 4,
        "viertes": 4,
        "zweite": 2,
        "erste": 1,
        "third": 3,
        "vierten": 4,
        "fourth": 4,
    }
    number, end = 0, at
    if cursor.text(at) == "q" and cursor.is_number(at + 1):
        number, end = cursor.number(at + 1), at + 2
    elif (
        cursor.is_number(at)
        and cursor.text(at + 1) in {".", "st", "nd", "rd", "th"}
        and cursor.text(at + 2) in {"quartal", "quarter"}
    ):
        number, end = cursor.number(at), at + 3
    elif cursor.text(at) in names and cursor.text(at + 1) in {"quartal", "quarter"}:
        number, end = names[cursor.text(at)], at + 2
    if not 1 <= number <= 4:
        return None
    end += cursor.text(end) in {"/", "of", ","}
    if cursor.is_number(end) and len(cursor.text(end)) == 4 and year_at(cursor, end):
        return Point(at, end + 1, quarter=number, year=year_at(cursor, end), part=part)
    return Point(at, end, quarter=number, part=part)
