"""Prepare a mail for finding its request: sentences, their phrases, and kinds of sentences."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from messaging.intelligence.next_steps import ask_rules as rules
from messaging.intelligence.next_steps.absence import Absence, return_date
from messaging.intelligence.next_steps.addresses import written_out
from messaging.intelligence.next_steps.ask_words import (
    OFFERS,
    QUESTION_SUBJECTS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    TITLES,
    VAGUE,
)
from messaging.intelligence.next_steps.phrases import Match, PhraseBook
from messaging.intelligence.next_steps.points import (
    Point,
)
from messaging.intelligence.next_steps.prepositions import preposition_of
from messaging.intelligence.next_steps.sentences import Sentence, sentences
from messaging.intelligence.next_steps.tokens import MAX_CHARS

REPLY, CALL, WAIT_UNTIL, ASK_OTHER, NEVER, NONE = "reply", "call", "wait_until", "ask_other", "never", "none"
ASKS = (REPLY, CALL, WAIT_UNTIL, ASK_OTHER, NEVER, NONE)
BOOK = PhraseBook((phrase, rule.cue, rule.id) for rule in rules.RULES for phrase in rule.phrases.split("|"))
LONGEST = 400


@dataclass(frozen=True, slots=True)
class NextStep:
    """Request of a reply. `ask`: one of ASKS; `when`: a weekday, only for call and wait_until; `address`: only for ask_other; `quoted`: its
    words.
    """

    ask: str
    when: date | None = None
    address: str | None = None
    quoted: str = ""


@dataclass(slots=True)
class Read:
    """A sentence with the phrases found in it and their relations."""

    sentence: Sentence
    found: list[Match]
    text: str

    @property
    def cues(self) -> set[str]:
        return {match.cue for match in self.found}

    def has(self, *cues: str) -> bool:
        return bool(self.cues & set(cues))

    def denied(self, cue: str) -> bool:
        """Return whether every word of a cue is negated: it stands in a clause behind a negation, or before one ("rufen Sie bitte nicht
        an")."""
        matches = [match for match in self.found if match.cue == cue]
        return bool(matches) and all(self._is_denied(match) for match in matches)

    def follows_a_not(self, cue: str) -> bool:
        """Return whether every word of a cue has a negation right before it."""
        matches = [match for match in self.found if match.cue == cue]
        return all(
            any(other.cue == rules.NOT and 0 <= match.start - other.end <= 1 for other in self.found)
            for match in matches
        )

    def _is_denied(self, match: Match) -> bool:
        clause = next(
            ((start, end) for start, end in self.sentence.clauses() if start <= match.start < end),
            (0, len(self.sentence.tokens)),
        )
        return any(
            other.cue == rules.NOT and clause[0] <= other.start < clause[1] and -6 <= other.start - match.start <= 5
            for other in self.found
        )


THANKS = {"danke", "dank", "thanks", "thank", "merci", "thx"}
THANKED_FOR = {rules.SEND, rules.CALL, rules.MEET, rules.INTEREST, rules.LATER}


def _without_thanks(sentence: Sentence, found: list[Match]) -> list[Match]:
    """Drop phrases that are only thanked for: "Thanks for the information" asks for none."""
    left: list[Match] = []
    for start, end in sentence.clauses():
        words = [token.text for token in sentence.tokens[start : start + 5]]
        is_thanks = bool(THANKS & set(words[:3])) and bool({"fuer", "for"} & set(words)) and not sentence.is_question
        left += [
            match for match in found if start <= match.start < end and not (is_thanks and match.cue in THANKED_FOR)
        ]
    return left


class Mail:
    """Sentences of a mail and its absence, parsed once and on demand."""

    def __init__(self, text: str, received: date) -> None:
        whole, parts = sentences(written_out(text[: 2 * MAX_CHARS]))
        self.text, self.received = text, received
        self.read = [
            Read(
                sentence,
                _without_thanks(sentence, BOOK.find(sentence.tokens)),
                sentence.text_of(whole, 0, len(sentence.tokens)).strip()[:LONGEST],
            )
            for sentence in parts
        ]

    @cached_property
    def absence(self) -> Absence | None:
        return return_date(self.text, received=self.received)


def names_somebody(part: Read) -> bool:
    """Return whether the sentence names a title, a department or a person (a capitalized word inside it), and not "me"."""
    tokens = part.sentence.tokens
    if any(token.text in TITLES for token in tokens):
        return True
    if part.has(rules.ME):
        return False
    inside = {at for span in part.sentence.spans for at in range(span.start, span.end)}
    matched = {at for match in part.found if match.cue == rules.REDIRECT for at in range(match.start, match.end)}
    last = max(matched, default=0)
    return any(
        token.capital
        and token.kind == "word"
        and token.text not in {"sie", "ihnen", "ihr", "ihre", "i", "ich", "bitte", "unterlagen", "preise"}
        and at not in inside
        for at, token in enumerate(tokens)
        if last < at <= last + 4
    )


def asks_now(part: Read) -> bool:
    return part.sentence.is_question or part.has(rules.SEND) and not part.denied(rules.SEND)


def names_a_period(part: Read) -> bool:
    return any(token.text in VAGUE for token in part.sentence.tokens) or any(
        not is_time_of_day(span.last) for span in part.sentence.spans
    )


def is_later(part: Read) -> bool:
    words = {token.text for token in part.sentence.tokens}
    return bool(words & VAGUE) or part.has(rules.AFTER) or bool(words & {"wiedervorlage", "fruehestens"})


def is_time_of_day(point: Point) -> bool:
    return point.hour is not None and not point.is_a_day


def is_deadline(part: Read) -> bool:
    """Return whether a date is a deadline: "Send me the prices by Friday"."""
    if not part.has(rules.SEND) or part.has(rules.NOT, rules.NOW, rules.DECLINE):
        return False
    return any(
        preposition_of(part.sentence, span.start, [])[0] in ("until", "by", "before") for span in part.sentence.spans
    )


def is_offer(part: Read) -> bool:
    return any(token.text in OFFERS for token in part.sentence.tokens)


def asks_in_words(part: Read) -> bool:
    """Return whether a sentence is a question without a question mark: "does it work with macs"."""
    words = [token.text for token in part.sentence.tokens if token.kind == "word"][:3]
    if not words or part.sentence.tokens[-1].text in {".", "!"} and words[0] not in QUESTION_WORDS:
        return False
    if words[0] in QUESTION_WORDS:
        return (
            len(words) > 2
            and part.sentence.tokens[-1].text not in {"!"}
            and "," not in [token.text for token in part.sentence.tokens[:-1]]
        )
    return len(words) > 2 and words[0] in QUESTION_VERBS and words[1] in QUESTION_SUBJECTS
