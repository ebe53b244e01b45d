"""Statements of an out-of-office reply: for each relevant date, last day of absence or day of return."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.clauses import cues_in, is_of_another_week
from messaging.intelligence.next_steps.meanings import Meaning, meaning_of
from messaging.intelligence.next_steps.phrases import Match, PhraseBook
from messaging.intelligence.next_steps.places import Place, places
from messaging.intelligence.next_steps.points import (
    Contradiction,
    Point,
    next_weekday,
    resolve,
    weekday_after,
)
from messaging.intelligence.next_steps.prepositions import AFTER, FROM, ON, UNTIL, UNTIL_AFTER, preposition_of
from messaging.intelligence.next_steps.sentences import Sentence

BOOK = PhraseBook((phrase, rule.cue, rule.id) for rule in rules.RULES for phrase in rule.phrases.split("|"))
KINDS = {rule.id: rule.kind for rule in rules.RULES if rule.kind}
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Statement:
    """A day stated by a note: last day of an absence, or day of return."""

    returns: bool
    day: date
    start: date | None
    quoted: str
    kind: str
    whose: str
    is_weak: bool
    again: bool
    weekday: int | None = None
    """Weekday of a return that is given by the weekday alone; it is resolved from the end of the absence."""

    @property
    def back(self) -> date:
        return next_weekday(self.day) if self.returns else weekday_after(self.day)


class Unclear(Exception):
    """Error: the note allows no answer, such as "until Friday, 14 August" where the 14th was a Thursday."""


def of_sentence(
    whole: str, sentence: Sentence, found: Sequence[Match], received: date, note_is_absent: bool
) -> list[Statement]:
    """Return the statements that the dates of a sentence make. Raises Unclear and Contradiction."""
    stated = (_of_place(whole, place, received) for place in places(sentence, found, note_is_absent=note_is_absent))
    return [statement for statement in stated if statement]


def _of_place(whole: str, place: Place, received: date) -> Statement | None:
    meaning = meaning_of(place)
    if not meaning or _is_ambiguous_weekday(place, meaning, received):
        return None
    span, is_after = place.span, place.preposition in (AFTER, UNTIL_AFTER)
    day = _day(span.last, received, returns=meaning.returns, preposition=place.preposition)
    if day is None:
        return None
    first = (
        _start(span.first, day, received) if span.first else _start_before(place.sentence, place.index, day, received)
    )
    if first and first > day or meaning.returns and is_after and span.is_range:
        raise Unclear
    if not meaning.returns and place.preposition == ON and not span.is_range:
        first = first or day
    start, end = place.clause
    return Statement(
        returns=meaning.returns,
        day=day + timedelta(days=1) if meaning.returns and is_after else day,
        start=first,
        quoted=_quote(whole, place.sentence, min(start, span.start), max(end, span.end)),
        kind=kind_of(place.found),
        whose=_subject_of_absence(place.found, place.clause),
        is_weak=meaning.is_implied,
        again=rules.AGAIN in cues_in(place.found, 0, len(place.sentence.tokens)),
        weekday=span.last.weekday if meaning.returns and not span.is_range and place.is_weekday_alone else None,
    )


def _is_ambiguous_weekday(place: Place, meaning: Meaning, received: date) -> bool:
    """Return whether a weekday alone may be of this week or the next: "until Friday", written on a Friday."""
    if is_of_another_week(place.sentence, place.index):
        return True
    is_until = not meaning.returns and place.preposition == UNTIL and not place.span.is_range
    return is_until and place.is_weekday_alone and place.span.last.weekday == received.weekday()


SENDER, SOMEBODY, COLLEAGUE = "sender", "somebody", "colleague"


def _subject_of_absence(found: Sequence[Match], clause: tuple[int, int]) -> str:
    """Return whom an absence is about: the sender, a named person (possibly the sender), or a colleague."""
    in_clause = {match.cue for match in found if clause[0] <= match.start < clause[1]}
    everywhere = {match.cue for match in found}
    if any(match.rule == "covered" for match in found):
        return SENDER
    for cues in (in_clause, everywhere):
        if rules.SELF in cues:
            return SENDER
        if rules.CONTACT in cues and not {rules.ABSENT, rules.BACK} & cues:
            return SENDER
        if rules.COLLEAGUE in cues:
            return COLLEAGUE
        if rules.NAMED in cues:
            return SOMEBODY
    return SENDER


def _day(point: Point, received: date, *, returns: bool, preposition: str) -> date | None:
    day = resolve(point, received, lately=0 if returns else 3)
    if day is None:
        return None
    if point.week is not None and point.weekday is None and (not returns or preposition == AFTER):
        return day + timedelta(days=6)
    if point.week is not None and point.part:
        return day if returns and point.part == "early" else None
    return day


def _start(first: Point, last: date, received: date) -> date | None:
    """Return the first day of a range; without a year the latest one that is not after its end."""
    if first.days is not None:
        return received + timedelta(days=first.days)
    if first.day is None or first.month is None or first.ambiguous:
        return None
    for year in (first.year,) if first.year else (last.year, last.year - 1):
        try:
            day = date(year, first.month, first.day)
        except ValueError:
            raise Contradiction from None
        if day <= last or first.year:
            if (last - day).days > 300 and not first.year:
                raise Contradiction
            if first.weekday is not None and day.weekday() != first.weekday:
                raise Contradiction
            return day
    return None


def _start_before(sentence: Sentence, index: int, day: date, received: date) -> date | None:
    """Return the start given in an earlier clause: "from 4 August I am away until 15 August"."""
    if index == 0:
        return None
    before = sentence.spans[index - 1]
    if before.is_range or not before.last.is_a_day or before.last.ambiguous or before.last.day is None:
        return None
    preposition, _ = preposition_of(sentence, before.start, [])
    if preposition != FROM:
        return None
    try:
        start = resolve(before.last, received, lately=60)
    except Contradiction:
        return None
    return start if start and start <= day else None


def _quote(whole: str, sentence: Sentence, start: int, end: int) -> str:
    return sentence.text_of(whole, start, end).strip()[:LONGEST]


def kind_of(found: Iterable[Match]) -> str:
    kinds = [KINDS[match.rule] for match in found if match.rule in KINDS]
    return next((kind for kind in kinds if kind != "limited"), kinds[0] if kinds else "")
