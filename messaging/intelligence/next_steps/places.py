"""Context of each date in a mail: its sentence and clause, the text before it, the words around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.clauses import cues_beside, cues_in, is_denied, is_first_person
from messaging.intelligence.next_steps.dates import Span
from messaging.intelligence.next_steps.phrases import Match
from messaging.intelligence.next_steps.prepositions import preposition_of
from messaging.intelligence.next_steps.sentences import Sentence

WITHOUT_MEANING = {rules.SELF, rules.AGAIN, rules.NOT, rules.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Place:
    """Context of a date. `scope`: cue words of its clause, or of a neighbouring one; `hour`: a time of day at the date."""

    sentence: Sentence
    index: int
    found: Sequence[Match]
    clause: tuple[int, int]
    preposition: str
    hour: int | None
    scope: frozenset[str]
    note_is_absent: bool

    @property
    def span(self) -> Span:
        return self.sentence.spans[self.index]

    @property
    def own(self) -> set[str]:
        return cues_in(self.found, *self.clause)

    @property
    def is_absent(self) -> bool:
        return bool(self.scope & {rules.ABSENT, rules.LIMITED}) or is_denied(self.found, self.clause)

    @property
    def is_first_person(self) -> bool:
        return is_first_person(self.sentence, self.clause)

    @property
    def is_weekday_alone(self) -> bool:
        """Return whether this is a weekday without a date or a week, to be resolved relative to another day."""
        last = self.span.last
        return last.weekday is not None and (last.day, last.weeks, last.in_weeks, last.week) == (None, None, None, None)

    def has(self, *cues: str) -> bool:
        return not self.scope.isdisjoint(cues)


def places(sentence: Sentence, found: Sequence[Match], *, note_is_absent: bool) -> Iterator[Place]:
    """Yield the context of each day and week in a sentence; months and times of day alone are left out."""
    clauses = sentence.clauses()
    for index, span in enumerate(sentence.spans):
        at = next((number for number, (start, end) in enumerate(clauses) if start <= span.start < end), None)
        if at is None or not (span.last.is_a_day or span.last.week is not None):
            continue
        preposition, hour = preposition_of(sentence, span.start, clauses)
        scope = cues_in(found, *clauses[at])
        if not scope - WITHOUT_MEANING:
            scope |= cues_beside(sentence, clauses, at, found, preposition)
        hour = hour if hour is not None else span.last.hour
        yield Place(sentence, index, found, clauses[at], preposition, hour, frozenset(scope), note_is_absent)
