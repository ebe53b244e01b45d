"""Dates, ranges and weeks in a list of tokens, found in one pass that looks at most a dozen tokens ahead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from messaging.intelligence.next_steps.calendar_words import (
    AFTER_NEXT,
    COMPOUND_WEEKDAYS,
    EARLY,
    MONTHS,
    NEXT,
    NUMBER_WORDS,
    ORDINALS,
    PARTS,
    PARTS_OF_DAY,
    RELATIVE,
    SHORT_WEEKDAYS,
    SURE_WEEK_WORDS,
    THIS,
    WEEK_WORDS,
    WEEKDAYS,
    WEEKS,
)
from messaging.intelligence.next_steps.points import Point
from messaging.intelligence.next_steps.tokens import NUMBER, WORD, Token

DASHES = {"-", "–", "—", "−"}
RANGE_WORDS = {"bis", "to", "through", "thru", "until", "till"}
RANGE_FILLERS = {"zum", "dem", "den", "der", "the", "einschliesslich", "inklusive", "incl", "inkl", "einschl", "including", "inclusive", "voraussichtlich", "and", "und", "mit", "on", "am"}
CLOCK = {"uhr", "h", "am", "pm", "a", "p", "o'clock"}


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `end` (excluded) name a day, or a range from `first` to `last`. `first` is None for a single point."""

    start: int
    end: int
    last: Point
    first: Point | None = None
    is_range: bool = False


class Reader:
    """Reads points at given places; every method returns a point whose `end` is behind what it read, or None."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def is_number(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].kind == NUMBER and len(self.text(at)) <= 4

    def number(self, at: int) -> int:
        return int(self.text(at)) if self.is_number(at) else -1

    def is_glued(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].glued

    # --- one point

    def point(self, at: int) -> Point | None:
        for read in (self._clock, self._weekday_and_date, self._calendar, self._week, self._relative, self._weekday, self._period):
            found = read(at)
            if found:
                return self._with_hour(found) if read != self._clock else found
        return None

    def _clock(self, at: int) -> Point | None:
        """A time of day: a point without a day, so that "14.30 Uhr" is no 14th of any month."""
        if not self.is_number(at) or self.number(at) > 24:
            return None
        end, hour = at + 1, self.number(at)
        if self.text(end) in {":", "."} and self.is_number(end + 1) and len(self.text(end + 1)) == 2 and self.is_glued(end + 1):
            minutes = self.number(end + 1)
            colon = self.text(end) == ":"
            clock = self._clock_word(end + 2)
            if minutes < 60 and (colon or clock):
                return Point(at, end + 2 + clock, hour=self._hour(hour, end + 2))
            return None
        clock = self._clock_word(end)
        return Point(at, end + clock, hour=self._hour(hour, end)) if clock else None

    def _clock_word(self, at: int) -> int:
        """How many tokens of "Uhr", "am", "a.m." stand here. A lone German "am" is none: "um 9 am 18.8."."""
        word = self.text(at)
        if word in {"uhr", "h", "o'clock"}:
            return 1
        if word in {"am", "pm"}:
            return 0 if word == "am" and (self.is_number(at + 1) or self.text(at + 1) in WEEKDAYS) and not self.is_glued(at) else 1
        if word in {"a", "p"} and self.text(at + 1) == "." and self.text(at + 2) == "m":
            return 4 if self.text(at + 3) == "." else 3
        return 0

    def _hour(self, hour: int, at: int) -> int:
        return hour + 12 if self.text(at)[:1] == "p" and hour < 12 else hour

    def _with_hour(self, point: Point) -> Point:
        """Take in a time of day behind a day: ", 9 Uhr", "at 10:00", "um 9", "morning"."""
        if not point.is_a_day:
            return point
        at = point.end
        if self.text(at) == ",":
            at += 1
        if self.text(at) in {"in", "at", "um", "ab", "gegen", "the", "spaet", "frueh"} and (
            self.is_number(at + 1) or self.text(at + 1) in PARTS_OF_DAY or self.text(at + 2) in PARTS_OF_DAY
        ):
            at += 1 if self.text(at + 1) != "the" else 2
        if self.text(at) in PARTS_OF_DAY and at - point.end <= 2:
            return replace(point, end=at + 1, hour=PARTS_OF_DAY[self.text(at)])
        clock = self._clock(at)
        if clock:
            return replace(point, end=clock.end, hour=clock.hour)
        if self.text(at - 1) in {"um", "at"} and self.is_number(at) and self.number(at) <= 24 and at > point.end:
            return replace(point, end=at + 1, hour=self.number(at))
        return point

    def _weekday_and_date(self, at: int) -> Point | None:
        weekday = WEEKDAYS.get(self.text(at), SHORT_WEEKDAYS.get(self.text(at), -1))
        if weekday < 0 and self.text(at) in COMPOUND_WEEKDAYS:
            weekday = COMPOUND_WEEKDAYS[self.text(at)][0]
        if weekday < 0:
            return None
        after = at + 1
        while after - at <= 5 and self.text(after) in {",", ".", "(", "den", "dem", "der", "the", "-", "–", "morgen", "am", "on", "morning"}:
            after += 1
        found = self._calendar(after) or self._day_of_month(after)
        if not found:
            return None
        closing = 1 if self.text(found.end) == ")" else 0
        return replace(found, start=at, end=found.end + closing, weekday=weekday)

    def _day_of_month(self, at: int) -> Point | None:
        """ "the 15th", "dem 15.": a day whose month is not named."""
        if not self.is_number(at) or not 1 <= self.number(at) <= 31:
            return None
        if self.text(at + 1) in ORDINALS and self.is_glued(at + 1):
            return Point(at, at + 2, day=self.number(at))
        if self.text(at + 1) == "." and self.is_glued(at + 1) and self.text(at - 1) in {"den", "dem", "zum", "vom", "der", ",", "am", "bis", "ab"}:
            return Point(at, at + 2, day=self.number(at))
        return None

    def _calendar(self, at: int) -> Point | None:
        for read in (self._iso, self._numeric, self._slashed, self._dashed, self._day_month, self._month_day):
            found = read(at)
            if found:
                return self._with_weekday_behind(found)
        return None

    def _with_weekday_behind(self, point: Point) -> Point:
        """ "15.8. (Freitag)", "18 August (Mon)", "15. August, Freitag," """
        at = point.end
        if self.text(at) == "(":
            name = self.text(at + 1)
            weekday = WEEKDAYS.get(name, SHORT_WEEKDAYS.get(name, -1))
            close = at + 2 + (self.text(at + 2) == ".")
            if weekday >= 0 and self.text(close) == ")":
                return replace(point, end=close + 1, weekday=weekday)
        return point

    def _iso(self, at: int) -> Point | None:
        """ 2026-03-03, 2026/03/03, 2026.03.03 """
        sign = self.text(at + 1)
        if len(self.text(at)) == 4 and self.is_number(at) and sign in {"-", "/", ".", "–"} and self.text(at + 3) == sign:
            if self.is_number(at + 2) and self.is_number(at + 4) and self._are_glued(at + 1, at + 4):
                return self._day(at, at + 5, self.number(at + 4), self.number(at + 2), self.number(at))
        return None

    def _are_glued(self, start: int, end: int) -> bool:
        return all(self.is_glued(at) for at in range(start, end + 1))

    def _numeric(self, at: int) -> Point | None:
        """ 14.8., 14.08.2025, 14. 8. 25, 14.08 """
        if not (self.is_number(at) and self.text(at + 1) == "." and self.is_glued(at + 1) and self.is_number(at + 2)):
            return None
        if len(self.text(at)) > 2 or len(self.text(at + 2)) > 2 or not 1 <= self.number(at) <= 31:
            return None
        end, year = at + 3, None
        if self.text(end) == "." and self.is_glued(end):
            end += 1
            if self.is_number(end) and (self.is_glued(end) or len(self.text(end)) == 4):
                year = self._year(end)
                if year is None:
                    return None
                end += 1
            elif self.text(end) in {"'", "’"} and self.is_number(end + 1):
                year, end = self._year(end + 1), end + 2
        elif not self.is_glued(at + 2) or self.text(end) in {"uhr", "h", ":", "%", "€", "eur", "euro", "/", ","} and self.is_glued(end) and self.text(end) != ",":
            return None
        elif self.text(end) in {"uhr", "h", "%", "€", "eur", "euro", "mio", "kg", "m", "am", "pm"} and not (self.text(end) == "am" and not self.is_glued(end)):
            return None
        return self._day(at, end, self.number(at), self.number(at + 2), year)

    def _year(self, at: int) -> int | None:
        digits = len(self.text(at))
        if digits == 4 and 2000 <= self.number(at) <= 2100:
            return self.number(at)
        return 2000 + self.number(at) if digits == 2 else None

    def _slashed(self, at: int) -> Point | None:
        """ 3/25/2026, 25/3/2026; 3/4 is ambiguous """
        if not (self.is_number(at) and self.text(at + 1) == "/" and self.is_number(at + 2) and self._are_glued(at + 1, at + 2)):
            return None
        first, second, end, year = self.number(at), self.number(at + 2), at + 3, None
        if max(len(self.text(at)), len(self.text(at + 2))) > 2 or self.text(end) == "." and self.is_number(end + 1):
            return None
        if self.text(end) == "/" and self.is_number(end + 1) and self._are_glued(end, end + 1):
            year, end = self._year(end + 1), end + 2
            if year is None:
                return None
        if first <= 12 and second <= 12:
            return Point(at, end, day=first, month=second, year=year, ambiguous=True)
        day, month = (second, first) if first <= 12 else (first, second)
        return self._day(at, end, day, month, year)

    def _dashed(self, at: int) -> Point | None:
        """ 14-08-2025, 14-Aug-2025, 14-Aug """
        if not (self.is_number(at) and self.text(at + 1) in DASHES and self._are_glued(at + 1, at + 2)):
            return None
        month = MONTHS.get(self.text(at + 2))
        year = None
        has_year = self.text(at + 3) in DASHES and self.is_number(at + 4) and self._are_glued(at + 3, at + 4)
        if has_year:
            year = self._year(at + 4)
        if month:
            return self._day(at, at + 5 if has_year else at + 3, self.number(at), month, year)
        if not (has_year and year and self.is_number(at + 2) and len(self.text(at + 4)) == 4):
            return None
        first, second = self.number(at), self.number(at + 2)
        if first <= 12 and second <= 12:
            return Point(at, at + 5, day=first, month=second, year=year, ambiguous=True)
        day, month = (second, first) if first <= 12 else (first, second)
        return self._day(at, at + 5, day, month, year)

    def _day_month(self, at: int) -> Point | None:
        """ 14. August 2025, 14 Aug, 3rd of March, 14th March, 2025 """
        if not self.is_number(at) or len(self.text(at)) > 2:
            return None
        month_at = at + 1
        if self.text(month_at) == "." or self.text(month_at) in ORDINALS and self.is_glued(month_at):
            month_at += 1
            if self.text(month_at) == "." and self.text(month_at - 1) in ORDINALS:
                month_at += 1
        if self.text(month_at) in {"of", "des"}:
            month_at += 1
        month = MONTHS.get(self.text(month_at))
        if not month:
            return None
        end, year = self._year_behind(month_at + 1)
        return self._day(at, end, self.number(at), month, year)

    def _month_day(self, at: int) -> Point | None:
        """ March 3rd, 2026; Aug. 14; August the 14th """
        month = MONTHS.get(self.text(at))
        if not month:
            return None
        day_at = at + 1 + (self.text(at + 1) == ".")
        day_at += self.text(day_at) == "the"
        if not self.is_number(day_at) or len(self.text(day_at)) > 2 or not 1 <= self.number(day_at) <= 31:
            return None
        end = day_at + 1
        if self.text(end) in ORDINALS and self.is_glued(end):
            end += 1
        elif self.text(end) == "." and self.is_glued(end) and self.text(end + 1) in MONTHS:
            return None  # "im August 15. September": two things
        elif self.text(end) in {":", "uhr", "h", "pm"} and self.text(end) != ":":
            return None
        end, year = self._year_behind(end)
        return self._day(at, end, self.number(day_at), month, year)

    def _year_behind(self, at: int) -> tuple[int, int | None]:
        """Return (end, year) of a year that may follow a month or a day, with a dot or a comma before it."""
        after = at
        if self.text(after) in {".", ","}:
            after += 1
        if self.is_number(after) and len(self.text(after)) == 4 and self.text(after + 1) != ":":
            year = self._year(after)
            if year:
                return after + 1, year
        if self.text(after) == "'" and self.is_number(after + 1) and len(self.text(after + 1)) == 2:
            return after + 2, self._year(after + 1)
        return (at + 1 if self.text(at) == "." and self.is_glued(at) and self.text(at - 1) in MONTHS and len(self.text(at - 1)) <= 5 else at), None

    def _day(self, start: int, end: int, day: int, month: int, year: int | None) -> Point:
        possible = 1 <= month <= 12 and 1 <= day <= 31
        return Point(start, end, day=day, month=month, year=year, impossible=not possible)

    def _week(self, at: int) -> Point | None:
        """ KW 34, KW34/2025, calendar week 34, week 34, 34. KW """
        begin = at
        part = ""
        if self.text(at) in PARTS and self.text(at + 1) in {*SURE_WEEK_WORDS, "der", "of", "calendar"}:
            part, at = PARTS[self.text(at)], at + 1
            at += self.text(at) in {"der", "of"}
        at += self.text(at) in {"calendar", "der"}
        if self.text(at) in WEEK_WORDS:
            number_at = at + 1 + (self.text(at + 1) in {".", "-", ":"} and self.text(at) in SURE_WEEK_WORDS)
            number_at += self.text(number_at) in {"nr", "no"}
            if self.is_number(number_at) and 1 <= self.number(number_at) <= 53:
                end, year = number_at + 1, None
                if self.text(end) == "/" and self.is_number(end + 1) and len(self.text(end + 1)) == 4:
                    year, end = self._year(end + 1), end + 2
                elif self.is_number(end) and len(self.text(end)) == 4:
                    year, end = self._year(end), end + 1
                return Point(begin, end, week=self.number(number_at), year=year, part=part)
        if self.is_number(at) and 1 <= self.number(at) <= 53 and self.text(at + 1) == "." and self.text(at + 2) in {"kw", "kalenderwoche"}:
            return Point(begin, at + 3, week=self.number(at), part=part)
        return None

    def _relative(self, at: int) -> Point | None:
        word = self.text(at)
        if word == "the" and [self.text(at + more) for more in (1, 2, 3)] == ["day", "after", "tomorrow"]:
            return Point(at, at + 4, days=2)
        if word == "morgen" and self.text(at - 1) in {"guten", "heute", "am", "jeden", "schoenen"} or self.text(at - 1) in WEEKDAYS:
            return None
        if word not in RELATIVE:
            return None
        return self._named_day(at) or Point(at, at + 1, days=RELATIVE[word])

    def _named_day(self, at: int) -> Point | None:
        """ "tomorrow, Sept. 12", "heute (14.8.)": the date that names the day again."""
        if self.text(at + 1) not in {",", "("}:
            return None
        found = self._weekday_and_date(at + 2) or self._calendar(at + 2)
        return replace(found, start=at, end=found.end + (self.text(found.end) == ")")) if found else None

    def _weekday(self, at: int) -> Point | None:
        """ Monday, next Tuesday, Montag nächster Woche, nächste Woche Montag, in zwei Wochen am Montag """
        begin = at
        weeks, in_weeks, hour = None, None, None
        ahead = self._weeks_ahead(at)
        if ahead:
            at, weeks = ahead
            at += self.text(at) == ","
            at += self.text(at) in {"am", "on", "von", "from", "ab", "bis", "until"}
        else:
            counted = self._in_weeks(at)
            if counted:
                at, in_weeks = counted
                at += self.text(at) == ","
                at += self.text(at) in {"am", "on", "from"}
        while self.text(at) in NEXT | THIS | {"der", "the"} and at - begin < 4:
            at += 1
        name = self.text(at)
        weekday = WEEKDAYS.get(name, -1)
        if weekday < 0 and name in COMPOUND_WEEKDAYS:
            weekday, hour = COMPOUND_WEEKDAYS[name]
        if weekday < 0:
            return None
        end = at + 1
        if self.text(end) in PARTS_OF_DAY:
            hour, end = PARTS_OF_DAY[self.text(end)], end + 1
        after = end + (self.text(end) in {"of", "der", ","}) 
        after += self.text(after) in {"in", "der"}
        ahead = self._weeks_ahead(after)
        counted = self._in_weeks(end)
        if ahead and weeks is None and in_weeks is None:
            end, weeks = ahead
        elif counted and weeks is None and in_weeks is None:
            end, in_weeks = counted
        return Point(begin, end, weekday=weekday, weeks=weeks, in_weeks=in_weeks, hour=hour)

    def _weeks_ahead(self, at: int) -> tuple[int, int] | None:
        """Return (end, weeks) of "next week", "übernächste Woche", "the week after next"."""
        word = self.text(at)
        if self.text(at + 1) in {"woche", "week"}:
            for words, weeks in ((NEXT, 1), (AFTER_NEXT, 2), (THIS, 0)):
                if word in words:
                    return at + 2, weeks
        if word == "the" and [self.text(at + more) for more in (1, 2, 3)] == ["week", "after", "next"]:
            return at + 4, 2
        if word == "week" and [self.text(at + more) for more in (1, 2)] == ["after", "next"]:
            return at + 3, 2
        return None

    def _in_weeks(self, at: int) -> tuple[int, int] | None:
        """Return (end, weeks) of "in zwei Wochen", "in 2 weeks"."""
        if self.text(at) != "in" or self.text(at + 2) not in WEEKS:
            return None
        count = self.number(at + 1) if self.is_number(at + 1) else NUMBER_WORDS.get(self.text(at + 1), -1)
        return (at + 3, count) if 1 <= count <= 20 else None

    def _period(self, at: int) -> Point | None:
        """ October, Mitte Oktober 2026, Ende nächsten Monats, Q1 2026, nächstes Quartal, Anfang nächster Woche, Anfang 2026 """
        begin, part = at, ""
        if self.text(at) in PARTS:
            part, at = PARTS[self.text(at)], at + 1
            while self.text(at) in {"of", "the", "des", "der", "-", "im", "in"} and at - begin < 4:
                at += 1
        found = self._month_or_quarter(at, part)
        if found:
            return replace(found, start=begin)
        ahead = self._weeks_ahead(at)
        if ahead and not part:
            return Point(begin, ahead[0], weeks=ahead[1])
        if not part:
            return None
        if ahead:
            return Point(begin, ahead[0], weeks=ahead[1], part=part)
        if self.is_number(at) and len(self.text(at)) == 4 and self._year(at) and part == EARLY:
            return Point(begin, at + 1, year=self._year(at), part=part)
        if self.text(at) in NEXT and self.text(at + 1) in {"jahres", "jahr", "year"} and part == EARLY:
            return Point(begin, at + 2, years=1, part=part)
        return None

    def _month_or_quarter(self, at: int, part: str) -> Point | None:
        month = MONTHS.get(self.text(at))
        if month and not self.is_number(at - 1) and not (self.text(at - 1) == "." and self.is_number(at - 2)):
            end, year = self._year_behind(at + 1)
            return Point(at, end, month=month, year=year, part=part)
        if self.text(at) in NEXT and self.text(at + 1) in {"monat", "monats", "month"}:
            return Point(at, at + 2, months=1, part=part)
        if part and self.text(at) in {"monats", "month"} and self.text(at - 1) in {"des", "the"}:
            return Point(at, at + 1, months=0, part=part)
        if part and self.text(at) in THIS and self.text(at + 1) in {"monats", "monat", "month"}:
            return Point(at, at + 2, months=0, part=part)
        if self.text(at) in NEXT and self.text(at + 1) in {"quartal", "quartals", "quarter"}:
            return Point(at, at + 2, quarters=1, part=part)
        return self._quarter(at, part)

    def _quarter(self, at: int, part: str) -> Point | None:
        """ Q1, Q1/2026, 1. Quartal, ersten Quartal, first quarter """
        names = {"ersten": 1, "erstes": 1, "first": 1, "zweiten": 2, "zweites": 2, "second": 2, "dritten": 3, "dritte": 3, "drittes": 3, "vierte": 4, "viertes": 4, "zweite": 2, "erste": 1, "third": 3, "vierten": 4, "fourth": 4}
        number, end = 0, at
        if self.text(at) == "q" and self.is_number(at + 1):
            number, end = self.number(at + 1), at + 2
        elif self.is_number(at) and self.text(at + 1) in {".", "st", "nd", "rd", "th"} and self.text(at + 2) in {"quartal", "quarter"}:
            number, end = self.number(at), at + 3
        elif self.text(at) in names and self.text(at + 1) in {"quartal", "quarter"}:
            number, end = names[self.text(at)], at + 2
        if not 1 <= number <= 4:
            return None
        end += self.text(end) in {"/", "of", ","}
        if self.is_number(end) and len(self.text(end)) == 4 and self._year(end):
            return Point(at, end + 1, quarter=number, year=self._year(end), part=part)
        return Point(at, end, quarter=number, part=part)

    # --- ranges

    def range_end(self, first: Point) -> Span | None:
        """Read what may follow a point to make it a range: "– 15.8.", "bis einschließlich Freitag, 15.8.", "- 15" after "August 4"."""
        at = first.end
        word = self.text(at)
        if self.text(at) == "," and self.text(at + 1) in RANGE_WORDS:
            at, word = at + 1, self.text(at + 1)
        if word not in DASHES | RANGE_WORDS and not (word in {"und", "and", "/", "&"} and self._joins(first, at)):
            return None
        at += 1
        begin = at
        while at - begin < 6 and self.text(at) in RANGE_FILLERS | {"("}:
            at += 1
        last = self._later(at)
        if last and first.weeks is not None and last.weeks is None and last.day is None:
            last = replace(last, weeks=first.weeks)
        if last and last.is_a_day == first.is_a_day and (last.week is None) == (first.week is None):
            return Span(first.start, last.end, last, first, True)
        if first.week is not None and self.is_number(at) and self.number(at) <= 53:
            end = at + 1 + (self.text(at + 1) == "." and self.text(at + 2) in {"kw"}) * 2
            return Span(first.start, end, replace(first, end=end, week=self.number(at), part=""), first, True)
        if first.month is not None and first.day is not None and self._is_bare_day(at, first):
            end = at + 1 + (self.text(at + 1) in ORDINALS)
            end, year = self._year_behind(end)
            return Span(first.start, end, Point(at, end, day=self.number(at), month=first.month, year=year or first.year), first, True)
        return None

    def _later(self, at: int) -> Point | None:
        found = self.point(at)
        if found and not found.is_a_day and found.week is None:
            return None
        if found or self.text(at) not in SHORT_WEEKDAYS:
            return found
        return Point(at, at + 1, weekday=SHORT_WEEKDAYS[self.text(at)])

    def _joins(self, first: Point, at: int) -> bool:
        """Whether "und" or "/" joins two days to one absence: only between two of the same form."""
        following = self.text(at + 1)
        if first.week is not None:
            return self.is_number(at + 1) or following in SURE_WEEK_WORDS
        return self.text(first.start - 1) in {"zwischen", "between"} or self.text(first.start - 2) in {"zwischen", "between"}

    def _is_bare_day(self, at: int, first: Point) -> bool:
        """ "August 4 - 15": the month stands before the first day. """
        if self.text(first.start) not in MONTHS and self.text(first.start + 1) not in MONTHS and self.text(first.start + 2) not in MONTHS:
            return False
        return (
            self.is_number(at)
            and 1 <= self.number(at) <= 31
            and self.text(at + 1) not in {":", "uhr", "h", "pm", "am", "%", "people"}
            and not self._clock(at)
        )

    def partial(self, at: int) -> Span | None:
        """A range whose first day has no month: "4.–15. August", "vom 4. bis zum 15.8.", "4-15 August", "30./31. Juli"."""
        begin = at
        if WEEKDAYS.get(self.text(at), SHORT_WEEKDAYS.get(self.text(at), -1)) >= 0:
            at += 1
            while self.text(at) in {",", ".", "den", "dem", "the"} and at - begin < 4:
                at += 1
        if not self.is_number(at) or not 1 <= self.number(at) <= 31 or len(self.text(at)) > 2:
            return None
        end = at + 1
        if self.text(end) == "." or self.text(end) in ORDINALS and self.is_glued(end):
            end += 1
        listed = [self.number(at)]
        while self.text(end) == "," and self.is_number(end + 1) and self.text(end + 2) in {".", *ORDINALS}:
            listed.append(self.number(end + 1))
            end += 3
        join = self.text(end)
        if join not in DASHES | RANGE_WORDS | {"und", "and", "/", "+", "&"}:
            return None
        after = end + 1
        while after - end < 6 and self.text(after) in RANGE_FILLERS:
            after += 1
        last = self._weekday_and_date(after) or self._calendar(after)
        if not last or last.month is None or self.text(after) in MONTHS:
            return None
        first = Point(begin, end, day=self.number(at), month=None if last.month is None else last.month, year=last.year)
        consecutive = join not in {"und", "and", "+", "&", "/"} or [*listed[1:], last.day] == [day + 1 for day in listed]
        consecutive = consecutive or self.text(begin - 1) in {"zwischen", "between"} or self.text(begin - 2) in {"zwischen", "between"}
        return Span(begin, last.end, last, first, True) if consecutive else Span(begin, last.end, first, None, False)


def spans(tokens: Sequence[Token]) -> list[Span]:
    """Return all dates and ranges, in order; none overlap. Times of day are spans without a day."""
    reader = Reader(tokens)
    found: list[Span] = []
    at = 0
    while at < len(tokens):
        span = _span_at(reader, at) if tokens[at].kind in (WORD, NUMBER) else None
        if span:
            found.append(span)
        at = span.end if span else at + 1
    return found


def _span_at(reader: Reader, at: int) -> Span | None:
    readers: tuple[Callable[[int], Span | None], ...] = (reader.partial, lambda at: _single_or_range(reader, at))
    return next((span for read in readers if (span := read(at))), None)


def _single_or_range(reader: Reader, at: int) -> Span | None:
    point = reader.point(at) or _short_weekday_of_range(reader, at) or reader._day_of_month(at)
    if not point:
        return None
    return reader.range_end(point) or (Span(at, point.end, point) if point.weekday is None or point.end - at > 0 else None)


def _short_weekday_of_range(reader: Reader, at: int) -> Point | None:
    """ "Mo–Mi", "Mon - Wed": a short name counts alone where another follows. """
    if reader.text(at) in SHORT_WEEKDAYS and reader.text(at + 1) in DASHES | {"bis", "to"}:
        if reader.text(at + 2) in SHORT_WEEKDAYS or reader.text(at + 2) in WEEKDAYS:
            return Point(at, at + 1, weekday=SHORT_WEEKDAYS[reader.text(at)])
    return None
