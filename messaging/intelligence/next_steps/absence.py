"""First working day after an absence, from a German or English out-of-office reply; None in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.first_return import first_return
from messaging.intelligence.next_steps.phrases import Match
from messaging.intelligence.next_steps.points import (
    Contradiction,
)
from messaging.intelligence.next_steps.sentences import Sentence, sentences
from messaging.intelligence.next_steps.statements import BOOK, SENDER, Statement, Unclear, kind_of, of_sentence

MOST_STATEMENTS = 30
"""Statements about days beyond which a mail is no absence note."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Absence read from an out-of-office reply. `back`: the first working day, Monday to Friday. `quoted`: the words it is read from, a
    part of the normalized text."""

    back: date
    kind: str
    quoted: str


def return_date(text: str, *, received: date, lang: str | None = None, subject: str | None = None) -> Absence | None:
    """Return the day on which a person is back, None if the reply does not state it clearly.

    `received` is the day the note came, in the organization's time zone. `lang` is ignored: one grammar covers both languages. `subject`
    counts only if it states an absence itself, because after "Automatic reply:" it mostly repeats the subject of our mail.
    """
    whole, parts = sentences(text)
    matches = [BOOK.find(sentence.tokens) for sentence in parts]
    cues = {match.cue for found in matches for match in found}
    if rules.LEFT in cues and not {rules.BACK} & cues and not _is_left_of_others(parts, matches):
        return None
    statements: list[Statement] = []
    try:
        if subject:
            statements += _dates_of_subject(subject, received)
        for sentence, found in zip(parts, matches, strict=True):
            statements += of_sentence(whole, sentence, found, received, bool({rules.ABSENT, rules.LIMITED} & cues))
        if len(statements) > MOST_STATEMENTS:
            return None
        chosen = first_return(statements, received, says_i=rules.SELF in cues)
    except (Unclear, Contradiction):
        return None
    if not chosen or not chosen.returns and chosen.start == chosen.day == received:
        return None  # "not in today" says nothing of tomorrow
    kind = chosen.kind or kind_of(match for found in matches for match in found)
    return Absence(chosen.back, kind or "away", chosen.quoted)


def _dates_of_subject(subject: str, received: date) -> list[Statement]:
    """Return the explicit dates in a subject; others are ignored, because the subject may be that of our mail."""
    if subject.casefold().lstrip().startswith(OUR_SUBJECT):
        return []
    whole, parts = sentences(subject)
    found: list[Statement] = []
    for sentence in parts:
        found += of_sentence(whole, sentence, BOOK.find(sentence.tokens), received, False)
    return [statement for statement in found if not statement.is_weak and statement.whose == SENDER]


OUR_SUBJECT = ("re:", "aw:", "fw:", "fwd:", "wg:")


def _is_left_of_others(parts: Sequence[Sentence], matches: Sequence[Sequence[Match]]) -> bool:
    """Return whether a sentence reports that somebody other than the sender has left the company."""
    for found in matches:
        cues = {match.cue for match in found}
        if rules.LEFT in cues and (rules.SELF in cues or rules.COLLEAGUE not in cues) and rules.ABSENT not in cues:
            return any(
                rules.ABSENT in {match.cue for match in other} and rules.SELF in {match.cue for match in other}
                for other in matches
            )
    return True
