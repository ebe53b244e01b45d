"""Parse the time of a snooze or a reply as people type it: "fri", "in 2 weeks", "morgen 9:00".

English and German at once, in the time zone of the user. A day without a time is its morning. Nothing is guessed: a text with a part that
is not understood is refused.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refusal

T = TypeVar("T")
MORNING, EVENING = time(8), time(18)
FARTHEST = timedelta(days=5 * 366)
LONGEST = 100

WEEKDAYS = (
    "mo mon monday montag montags", "tu tue tues tuesday di die dienstag", "we wed wednesday mi mit mittwoch",
    "th thu thur thurs thursday do don donnerstag", "fr fri friday fre freitag", "sa sat saturday sam samstag sonnabend",
    "su sun sunday so son sonntag",
)  # fmt: skip
MONTHS = (
    "jan january januar jänner jaenner", "feb february februar", "mar march mär märz maerz mrz", "apr april", "may mai",
    "jun june juni", "jul july juli", "aug august", "sep sept september", "oct october okt oktober", "nov november",
    "dec december dez dezember",
)  # fmt: skip
NUMBERS = (
    "a an one ein eine einem einer eins", "two zwei", "three drei", "four vier", "five fünf fuenf", "six sechs", "seven sieben",
    "eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwölf zwoelf",
)  # fmt: skip


def _index(rows: tuple[str, ...], start: int = 0) -> dict[str, int]:
    return {word: place for place, row in enumerate(rows, start) for word in row.split()}


WEEKDAY, MONTH, NUMBER = _index(WEEKDAYS), _index(MONTHS, 1), _index(NUMBERS, 1)
SHORT = {
    "min mins minute minutes minuten": timedelta(minutes=1),
    "h hour hours hr hrs std stunde stunden": timedelta(hours=1),
}
DAYS = {"d day days tag tage tagen": 1, "w week weeks woche wochen": 7}
MONTHS_OF = {"month months monat monate monaten": 1, "y year years jahr jahre jahren": 12}

NEXT = r"(?:(?:next|coming|this|nächste[nrs]?|naechste[nrs]?|kommende[nrs]?|diese[nrs]?)\s+)?"
CLOCK = re.compile(
    r"(?:^|\s+)(?:at\s+|um\s+)?(?:(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:\s*uhr)?\s*(?P<half>am|pm)?|"
    r"(?P<uhr>\d{1,2})\s*uhr|(?P<twelve>\d{1,2})\s*(?P<half2>am|pm)|(?<=\s)(?:at|um)\s+(?P<plain>\d{1,2}))$"
)
DAY_PARTS = {
    "morning": MORNING, "früh": MORNING, "frueh": MORNING, "vormittag": time(10), "noon": time(12), "mittag": time(12),
    "afternoon": time(14), "nachmittag": time(14), "evening": EVENING, "abend": EVENING,
}  # fmt: skip


class UnreadableTime(Refusal):
    """Error: the typed `text` is no time."""

    sentence = _("This time is not understood.")

    def __init__(self, text: str = "") -> None:
        self.text = text[:LONGEST]
        super().__init__(text)

    def __str__(self) -> str:
        return gettext(
            "“%(text)s” is not understood as a time. Type a day, a date or a span: fri, monday 9:00, tomorrow, next week, in 2 weeks, "
            "1.3., 1 March or 2027-03-01."
        ) % {"text": self.text}


class TimeTooFar(Refusal):
    sentence = _("That is more than five years away. Choose an earlier time.")


class TimeGone(Refusal):
    sentence = _("That time is over already. Choose a later one.")


def read_time(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Parse a typed text into a moment. Raises UnreadableTime, TimeGone, TimeTooFar."""
    words = " ".join(text.casefold().replace(",", " ").split())
    here = now.astimezone(zone)
    if not words or len(text) > LONGEST:
        raise UnreadableTime(text)
    try:
        found = _span(words, here) or _moment(words, here)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UnreadableTime(text)
    if found.astimezone(UTC) <= now:  # not by the clock on the wall, which is put back
        raise TimeGone
    if found.astimezone(UTC) > now + FARTHEST:
        raise TimeTooFar
    return found


def _span(words: str, here: datetime) -> datetime | None:
    """Parse a span such as "in 2 weeks", "3d", "zwei Stunden"; days and longer end in the morning, unless a time follows."""
    clock, rest = _clock(words)
    match = re.fullmatch(r"(?:in\s+)?(\d{1,3}|[a-zäöüß]+)\s*([a-z]+)", rest)
    if match is None:
        return None
    count = int(match[1]) if match[1].isdecimal() else NUMBER.get(match[1])
    if count is None:
        return None
    if (length := _unit(SHORT, match[2])) is not None:
        # In UTC: an hour is an hour, also when clocks are put back.
        return None if clock else (here.astimezone(UTC) + count * length).astimezone(here.tzinfo)
    if (days := _unit(DAYS, match[2])) is not None:
        return _at(here.date() + timedelta(days=count * days), clock or MORNING, here)
    months = _unit(MONTHS_OF, match[2])
    return None if months is None else _at(_months_later(here.date(), count * months), clock or MORNING, here)


def _unit(units: Mapping[str, T], word: str) -> T | None:
    return next((length for words, length in units.items() if word in words.split()), None)


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _moment(words: str, here: datetime) -> datetime | None:
    """Parse a day with or without a time; a time alone is the next one."""
    for clock, rest in _clocks(words):
        if not rest and clock:
            today = _at(here.date(), clock, here)
            return today if today > here else _at(here.date() + timedelta(days=1), clock, here)
        day, usual = _day(rest, here)
        if day is not None:
            return _at(day, clock or usual, here)
    return None


def _clocks(words: str) -> list[tuple[time | None, str]]:
    """Yield possible splits into day and time: "1.12" is a date, "fri 9.30" ends in a time; the whole as a day first."""
    clock, rest = _clock(words)
    return [(None, words), (clock, rest)] if clock else [(None, words)]


def _clock(words: str) -> tuple[time | None, str]:
    match = CLOCK.search(words)
    if match is None:
        return None, words
    found = match.groupdict()
    hour = int(found["hour"] or found["uhr"] or found["twelve"] or found["plain"])
    half = found["half"] or found["half2"]
    if half and not 1 <= hour <= 12:
        raise ValueError("no hour of a half day")
    hour = hour % 12 + 12 * (half == "pm") if half else hour
    return time(hour, int(found["minute"] or 0)), words[: match.start()].strip()


def _day(words: str, here: datetime) -> tuple[date | None, time]:
    """Parse words into a day and its usual time; None if they are no day."""
    usual = MORNING
    head, _space, last = words.rpartition(" ")
    if head and last in DAY_PARTS:
        words, usual = head, DAY_PARTS[last]
    for read in (_named, _weekday, _period, _written, _numeric):
        day = read(words, here.date())
        if day is not None:
            return day, EVENING if words == "tonight" else usual
    return None, usual


def _named(words: str, today: date) -> date | None:
    away = {
        "today": 0, "heute": 0, "tonight": 0, "tomorrow": 1, "tmr": 1, "morgen": 1, "day after tomorrow": 2, "the day after tomorrow": 2,
        "übermorgen": 2, "uebermorgen": 2,
    }.get(words)  # fmt: skip
    return None if away is None else today + timedelta(days=away)


def _weekday(words: str, today: date) -> date | None:
    match = re.fullmatch(rf"(?:on\s+|am\s+)?{NEXT}([a-z]+)\.?", words)
    number = WEEKDAY.get(match[1]) if match else None
    return None if number is None else today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _period(words: str, today: date) -> date | None:
    """Return the first day of a coming week, month or year; the weekend begins on Saturday."""
    match = re.fullmatch(
        r"(?:the\s+|am\s+)?(next|nächste[ns]?|naechste[ns]?|kommende[ns]?)?\s*(week|woche|month|monat|year|jahr|weekend|wochenende)",
        words,
    )
    if match is None:
        return None
    if match[2] in ("weekend", "wochenende"):
        return today + timedelta(days=(5 - today.weekday() - 1) % 7 + 1)
    if match[1] is None:
        return None
    starts: dict[str, Callable[[], date]] = {
        "w": lambda: today + timedelta(days=7 - today.weekday()),
        "m": lambda: _months_later(today.replace(day=1), 1),
        "y": lambda: date(today.year + 1, 1, 1),
        "j": lambda: date(today.year + 1, 1, 1),
    }
    return starts[match[2][0]]()


def _written(words: str, today: date) -> date | None:
    match = re.fullmatch(r"(?:on\s+|am\s+)?(\d{1,2})(?:\.|st|nd|rd|th)?\s+([a-zäöü]+)\.?(?:\s+(\d{4}))?", words)
    day, name, year = match.groups() if match else (None, None, None)
    if match is None and (
        match := re.fullmatch(r"(?:on\s+)?([a-zäöü]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\s+(\d{4}))?", words)
    ):
        name, day, year = match.groups()
    if name is None or name not in MONTH:
        return None
    return _next_date(int(day or 0), MONTH[name], year, today)


def _numeric(words: str, today: date) -> date | None:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(?:am\s+)?(\d{1,2})\.\s?(\d{1,2})\.?(?:\s?(\d{4}|\d{2}))?", words):
        year = f"20{match[3]}" if match[3] and len(match[3]) == 2 else match[3]
        return _next_date(int(match[1]), int(match[2]), year, today)
    return None


def _next_date(day: int, month: int, year: str | None, today: date) -> date:
    """Return the date; without a year, its next occurrence after today. Raises ValueError for one that does not exist."""
    if year:
        return date(int(year), month, day)
    for candidate in range(today.year, today.year + 5):  # 29 February comes every fourth year
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found > today:
            return found
    raise ValueError("no such day")


def _at(day: date, clock: time, here: datetime) -> datetime:
    return datetime.combine(day, clock, here.tzinfo)
