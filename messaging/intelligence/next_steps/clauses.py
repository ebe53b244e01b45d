"""Split a sentence into clauses, and find the words in them that give a nearby date its meaning."""

from collections.abc import Iterable, Sequence

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.dates import Span
from messaging.intelligence.next_steps.phrases import Match
from messaging.intelligence.next_steps.prepositions import AFTER, FROM, ON
from messaging.intelligence.next_steps.sentences import Sentence

BARE_CLAUSE = 2
"""Words of a clause beside its date up to which it takes its meaning from a neighbouring clause."""
BARE_WORDS = 2
"""Unknown words that may stand beside a period without an absence of its own."""


def is_of_another_week(sentence: Sentence, index: int) -> bool:
    """Return whether a weekday belongs to another week that the sentence names: "Next week I am … until Wednesday"."""
    last = sentence.spans[index].last
    if last.weekday is None or last.day is not None or last.weeks is not None or last.week is not None:
        return False
    return any(span.last.weekday is None and (span.last.weeks or 0) > 0 for span in sentence.spans[:index])


def cues_in(found: Iterable[Match], start: int, end: int) -> set[str]:
    return {match.cue for match in found if start <= match.start < end}


MEANING = {
    rules.ABSENT, rules.BACK, rules.ANSWER, rules.LIMITED, rules.PRESENT, rules.OTHER, rules.CONTACT, rules.LEFT,
}  # fmt: skip
"""Cues that give a date a meaning."""


def cues_beside(
    sentence: Sentence, clauses: Sequence[tuple[int, int]], at: int, found: Sequence[Match], preposition: str
) -> set[str]:
    """Return the cues of the nearest clause of the sentence that gives a date its meaning; clauses with dates come last."""
    cues = [cues_in(found, *clause) for clause in clauses]
    dated = {
        number
        for number, (start, end) in enumerate(clauses)
        for span in sentence.spans
        if start <= span.start < end and (span.last.is_a_day or span.last.week is not None)
    }
    before = cues[at - 1] if at else set()
    if at and sentence.tokens[clauses[at][0] - 1].text == "(" and before & (MEANING | {rules.COLLEAGUE, rules.NAMED}):
        return before
    nearest = sorted(
        (number for number in range(len(clauses)) if number != at), key=lambda number: (abs(number - at), number)
    )
    if preposition == ON:
        if is_bare_clause(sentence, clauses[at]):
            return next((cues[number] for number in nearest if cues[number] & MEANING), set())
        return _cues_of_same_subject(cues, dated, at)
    wanted = {rules.BACK, rules.ANSWER} if preposition in (FROM, AFTER) else {rules.ABSENT, rules.LIMITED}
    undated_first = sorted(nearest, key=lambda number: number in dated)
    return next(
        (cues[number] for group in (wanted, MEANING) for number in undated_first if cues[number] & group), set()
    )


def _cues_of_same_subject(cues: Sequence[set[str]], dated: set[int], at: int) -> set[str]:
    """Return the cues of the next clause if it has neither a subject nor a date: "On Thursday I'm in meetings and not available"."""
    following = cues[at + 1] if at + 1 < len(cues) and at + 1 not in dated else set()
    return following if following & MEANING and rules.SELF not in following else set()


def is_bare_clause(sentence: Sentence, clause: tuple[int, int]) -> bool:
    dated = {at for span in sentence.spans for at in range(span.start, span.end)}
    return sum(at not in dated and sentence.tokens[at].kind == "word" for at in range(*clause)) <= BARE_CLAUSE


def is_first_person(sentence: Sentence, clause: tuple[int, int]) -> bool:
    words = {token.text for token in sentence.tokens[clause[0] : clause[1]]}
    return bool(words & {"bin", "i'm"}) or {"i", "am"} <= words


def absent_again(found: Sequence[Match], clause: tuple[int, int], preposition: str, absent: bool) -> bool:
    """Return whether return and absence stand in one clause, the absence last: "Ab 18.8. bin ich wieder nicht da"."""
    if not absent:
        return False
    in_clause = [
        match for match in found if clause[0] <= match.start < clause[1] and match.cue in (rules.ABSENT, rules.BACK)
    ]
    return bool(in_clause) and all(match.cue == rules.ABSENT for match in in_clause) and preposition == FROM


HEADLINE_WORDS = 6


def is_headline(sentence: Sentence, span: Span, found: Sequence[Match]) -> bool:
    """Return whether a sentence is a few words before a date and nothing else: "On a buying trip until 20 June."."""
    words = [token for token in sentence.tokens if token.kind == "word"]
    cues = {match.cue for match in found} - {rules.AGAIN, rules.NEUTRAL}
    return (
        len(words) <= HEADLINE_WORDS + span.end - span.start
        and not cues
        and span.end >= len(sentence.tokens) - 1
        and len(sentence.spans) == 1
    )


def is_denied(found: Sequence[Match], clause: tuple[int, int]) -> bool:
    """Return whether a word of presence is negated: "nicht persönlich erreichbar"."""
    return stand_in_order(found, clause, (rules.NOT, rules.PRESENT)) and rules.BACK not in cues_in(found, *clause)


def stand_in_order(found: Sequence[Match], clause: tuple[int, int], wanted: tuple[str, str]) -> bool:
    places = {match.cue: match.start for match in reversed(found) if clause[0] <= match.start < clause[1]}
    return all(cue in places for cue in wanted) and places[wanted[0]] < places[wanted[1]]


def is_followed_by_when_back(sentence: Sentence, end: int, found: Sequence[Match]) -> bool:
    """Return whether the date is followed by a return: "until 18 August, when I will be back"."""
    following = [token.text for token in sentence.tokens[end : end + 4] if token.text != ","]
    if following[:1] not in (["when"], ["wenn"]) and following[:2] != ["on", "which"]:
        return False
    return any(match.cue == rules.BACK and match.start < end + 9 for match in found if match.start >= end)


KNOWN_WORDS = {
    "zeitraum", "period", "dates", "date", "dauer", "von", "bis", "ab", "from", "to", "the", "dem", "den", "der",
    "zum", "am", "on", "hallo", "hello", "hi", "und", "and", "in", "im", "vom", "dear", "until", "through", "till",
    "zwischen", "between", "wieder", "incl", "inkl", "einschliesslich", "including", "day", "tag", "tage", "days",
    "total", "insgesamt", "einschl", "kw", "week", "of", "zeit", "both", "beide", "inclusive", "noch", "jeweils",
    "ganztaegig", "all", "also", "leider", "voraussichtlich",
}  # fmt: skip


def is_bare(sentence: Sentence, found: Sequence[Match]) -> bool:
    """Return whether a sentence is hardly more than its dates: "4.–15. August 2025", "Zeitraum: 4.8. bis 15.8."."""
    inside = {at for span in sentence.spans for at in range(span.start, span.end)}
    inside |= {at for match in found for at in range(match.start, match.end)}
    unknown = [
        token
        for at, token in enumerate(sentence.tokens)
        if at not in inside and token.kind == "word" and token.text not in KNOWN_WORDS
    ]
    return len(unknown) <= BARE_WORDS
