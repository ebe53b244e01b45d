"""Find dates and date ranges in a list of tokens, in one pass with a look-ahead of a dozen tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from messaging.intelligence.next_steps.calendar_dates import day_of_month, read_calendar, weekday_and_date, year_behind
from messaging.intelligence.next_steps.calendar_words import MONTHS, ORDINALS, SHORT_WEEKDAYS, SURE_WEEK_WORDS, WEEKDAYS
from messaging.intelligence.next_steps.clock import read_clock, with_hour
from messaging.intelligence.next_steps.cursor import Cursor
from messaging.intelligence.next_steps.periods import read_period
from messaging.intelligence.next_steps.points import Point
from messaging.intelligence.next_steps.relative_dates import read_relative, read_week, read_weekday
from messaging.intelligence.next_steps.tokens import NUMBER, WORD, Token

DASHES = {"-", "–", "—", "−"}
RANGE_WORDS = {"bis", "to", "through", "thru", "until", "till"}
RANGE_FILLERS = {
    "zum", "dem", "den", "der", "the", "einschliesslich", "inklusive", "incl", "inkl", "einschl", "including",
    "inclusive", "voraussichtlich", "and", "und", "mit", "on", "am",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` (excluded) name a day, or a range from `first` to `last`. `first` is None for a single point."""

    start: int
    end: int
    last: Point
    first: Point | None = None
    is_range: bool = False


def read_point(cursor: Cursor, at: int) -> Point | None:
    for read in (
        read_clock,
        weekday_and_date,
        read_calendar,
        read_week,
        read_relative,
        read_weekday,
        read_period,
    ):
        found = read(cursor, at)
        if found:
            return with_hour(cursor, found) if read != read_clock else found
    return None


def range_end(cursor: Cursor, first: Point) -> Span | None:
    """Read what may follow a point to make it a range: "– 15.8.", "bis einschließlich Freitag, 15.8.", "- 15" after "August 4"."""
    at = _skip_brackets(cursor, first.end)
    word = cursor.text(at)
    if cursor.text(at) == "," and cursor.text(at + 1) in RANGE_WORDS:
        at, word = at + 1, cursor.text(at + 1)
    if word not in DASHES | RANGE_WORDS and not (word in {"und", "and", "/", "&"} and joins(cursor, first, at)):
        return None
    at += 1
    begin = at
    while at - begin < 6 and cursor.text(at) in RANGE_FILLERS | {"("}:
        at += 1
    last = range_last(cursor, at)
    if last and first.weeks is not None and last.weeks is None and last.day is None:
        last = replace(last, weeks=first.weeks)
    if last and last.is_a_day == first.is_a_day and (last.week is None) == (first.week is None):
        return Span(first.start, last.end, last, first, True)
    if first.week is not None and cursor.is_number(at) and cursor.number(at) <= 53:
        end = at + 1 + (cursor.text(at + 1) == "." and cursor.text(at + 2) in {"kw"}) * 2
        return Span(first.start, end, replace(first, end=end, week=cursor.number(at), part=""), first, True)
    if first.month is not None and first.day is not None and is_bare_day(cursor, at, first):
        end = at + 1 + (cursor.text(at + 1) in ORDINALS)
        end, year = year_behind(cursor, end)
        return Span(
            first.start,
            end,
            Point(at, end, day=cursor.number(at), month=first.month, year=year or first.year),
            first,
            True,
        )
    return None


def _skip_brackets(cursor: Cursor, at: int) -> int:
    """Return the place behind a short remark in brackets: "12.2. (Weiberfastnacht) bis 18.2."."""
    if cursor.text(at) == "(":
        for close in range(at + 1, at + 5):
            if cursor.text(close) == ")":
                return close + 1
    return at


def range_last(cursor: Cursor, at: int) -> Point | None:
    found = read_point(cursor, at)
    if found and not found.is_a_day and found.week is None:
        return None
    if found or cursor.text(at) not in SHORT_WEEKDAYS:
        return found
    return Point(at, at + 1, weekday=SHORT_WEEKDAYS[cursor.text(at)])


def joins(cursor: Cursor, first: Point, at: int) -> bool:
    """Return whether "und" or "/" joins two days to one absence: only between two of the same form."""
    following = cursor.text(at + 1)
    if first.week is not None:
        return cursor.is_number(at + 1) or following in SURE_WEEK_WORDS
    return cursor.text(first.start - 1) in {"zwischen", "between"} or cursor.text(first.start - 2) in {
        "zwischen",
        "between",
    }


def is_bare_day(cursor: Cursor, at: int, first: Point) -> bool:
    """Return whether a number is a day of the month before it: "August 4 - 15"."""
    if (
        cursor.text(first.start) not in MONTHS
        and cursor.text(first.start + 1) not in MONTHS
        and cursor.text(first.start + 2) not in MONTHS
    ):
        return False
    return (
        cursor.is_number(at)
        and 1 <= cursor.number(at) <= 31
        and cursor.text(at + 1) not in {":", "uhr", "h", "pm", "am", "%", "people"}
        and not read_clock(cursor, at)
    )


def read_partial(cursor: Cursor, at: int) -> Span | None:
    """A range whose first day has no month: "4.–15. August", "vom 4. bis zum 15.8.", "4-15 August", "30./31. Juli"."""
    begin = at
    if WEEKDAYS.get(cursor.text(at), SHORT_WEEKDAYS.get(cursor.text(at), -1)) >= 0:
        at += 1
        while cursor.text(at) in {",", ".", "den", "dem", "the"} and at - begin < 4:
            at += 1
    if not cursor.is_number(at) or not 1 <= cursor.number(at) <= 31 or len(cursor.text(at)) > 2:
        return None
    end = at + 1
    if cursor.text(end) == "." or cursor.text(end) in ORDINALS and cursor.is_glued(end):
        end += 1
    listed = [cursor.number(at)]
    while cursor.text(end) == "," and cursor.is_number(end + 1) and cursor.text(end + 2) in {".", *ORDINALS}:
        listed.append(cursor.number(end + 1))
        end += 3
    join = cursor.text(end)
    if join not in DASHES | RANGE_WORDS | {"und", "and", "/", "+", "&"}:
        return None
    after = end + 1
    while after - end < 6 and cursor.text(after) in RANGE_FILLERS:
        after += 1
    last = weekday_and_date(cursor, after) or read_calendar(cursor, after)
    if not last or last.month is None or cursor.text(after) in MONTHS:
        return None
    first = Point(begin, end, day=cursor.number(at), month=None if last.month is None else last.month, year=last.year)
    consecutive = join not in {"und", "and", "+", "&", "/"} or [*listed[1:], last.day] == [day + 1 for day in listed]
    consecutive = (
        consecutive
        or cursor.text(begin - 1) in {"zwischen", "between"}
        or cursor.text(begin - 2) in {"zwischen", "between"}
    )
    return Span(begin, last.end, last, first, True) if consecutive else Span(begin, last.end, first, None, False)


def spans(tokens: Sequence[Token]) -> list[Span]:
    """Return all dates and ranges, in order; none overlap. Times of day are spans without a day."""
    cursor = Cursor(tokens)
    found: list[Span] = []
    at = 0
    while at < len(tokens):
        span = _span_at(cursor, at) if tokens[at].kind in (WORD, NUMBER) else None
        if span:
            found.append(span)
        at = span.end if span else at + 1
    return found


def _span_at(cursor: Cursor, at: int) -> Span | None:
    readers: tuple[Callable[[int], Span | None], ...] = (
        lambda place: read_partial(cursor, place),
        lambda at: _single_or_range(cursor, at),
    )
    return next((span for read in readers if (span := read(at))), None)


def _single_or_range(cursor: Cursor, at: int) -> Span | None:
    point = read_point(cursor, at) or _short_weekday_of_range(cursor, at) or day_of_month(cursor, at)
    if not point:
        return None
    return range_end(cursor, point) or Span(at, point.end, point)


def _short_weekday_of_range(cursor: Cursor, at: int) -> Point | None:
    """Parse a short weekday, which counts only in a range: "Mo–Mi", "Mon - Wed"."""
    joined = cursor.text(at + 1) in DASHES | {"bis", "to"}
    following = cursor.text(at + 2)
    if cursor.text(at) in SHORT_WEEKDAYS and joined and (following in SHORT_WEEKDAYS or following in WEEKDAYS):
        return Point(at, at + 1, weekday=SHORT_WEEKDAYS[cursor.text(at)])
    return None
