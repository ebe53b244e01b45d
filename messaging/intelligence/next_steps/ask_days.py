"""Find the day for which a reply requests a call, or until which it asks us to wait."""

from datetime import date

from messaging.intelligence.next_steps import ask_rules as rules
from messaging.intelligence.next_steps.ask_reading import Mail, Read, is_time_of_day
from messaging.intelligence.next_steps.dates import Span
from messaging.intelligence.next_steps.points import (
    Contradiction,
    first_weekday,
    next_weekday,
    resolve,
    weekday_after,
)
from messaging.intelligence.next_steps.prepositions import preposition_of

YEAR = 366


def day_in_sentences_before(mail: Mail, part: Read) -> date | None:
    """Return the period named in one of the two sentences before: "Our budget opens in October. Knock again then."."""
    if not part.has(rules.THEN, rules.AFTER):
        return None
    at = mail.read.index(part)
    found = (first_day(other, mail.received) for other in reversed(mail.read[max(0, at - 2) : at]))
    return next((when for when in found if when), None)


def absent_until(part: Read, mail: Mail) -> date | None:
    absence = mail.absence
    return absence.back if absence and (part.has(rules.AFTER) or "nach" in part.text.lower()) else None


def first_day(part: Read, received: date) -> date | None:
    return next((when for span in part.sentence.spans if (when := day_of_call(part, span, received))), None)


def day_of_call(part: Read, span: Span, received: date) -> date | None:
    """Return the weekday meant by a date in a call or a wait, None if it is vague, past or only a deadline."""
    preposition, _ = preposition_of(part.sentence, span.start, [])
    point = span.first if span.is_range and span.first else span.last
    if is_time_of_day(point):
        return None
    if preposition == "before" and not part.has(rules.NOT, rules.LATER, rules.STOP):
        return None
    try:
        if not point.is_a_day:
            if preposition in ("after", "until after"):
                return None
            return first_weekday(point, received) if _is_meant_as_period(part, span) else None
        day = resolve(point, received, lately=0, horizon=YEAR)
    except Contradiction:
        return None
    if day is None or day < received:
        return None
    if preposition in ("after", "until after"):
        return weekday_after(day)
    if preposition in ("until", "by") and not span.is_range:
        return None
    return next_weekday(day)


def _is_meant_as_period(part: Read, span: Span) -> bool:
    """Return whether English "may" or "march" is a month: only with a preposition, a part or a year beside it."""
    token = part.sentence.tokens[span.start]
    if token.text not in {"may", "march", "mar"} or span.last.part or span.last.year:
        return True
    before = part.sentence.tokens[span.start - 1].text if span.start else ""
    return before in {
        "in",
        "until",
        "before",
        "after",
        "by",
        "from",
        "next",
        "of",
        "to",
        "till",
        "on",
        "im",
        "for",
        "around",
        "late",
        "early",
        "mid",
    }
