"""Find the request in a reply: an answer, a call, to wait, to contact somebody else, to stop, or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from messaging.intelligence.next_steps import ask_rules as rules
from messaging.intelligence.next_steps.addresses import addresses
from messaging.intelligence.next_steps.ask_days import absent_until, day_in_sentences_before, day_of_call, first_day
from messaging.intelligence.next_steps.ask_reading import (
    ASK_OTHER,
    CALL,
    NEVER,
    NONE,
    REPLY,
    WAIT_UNTIL,
    Mail,
    NextStep,
    Read,
    asks_in_words,
    asks_now,
    is_deadline,
    is_later,
    is_offer,
    names_a_period,
    names_somebody,
)
from messaging.intelligence.next_steps.ask_words import AGAIN, NAMING, TITLES, WHENEVER
from messaging.intelligence.next_steps.prepositions import preposition_of
from messaging.intelligence.next_steps.tokens import WORD
from messaging.intelligence.triage.sentences import GREETING
from messaging.intelligence.triage.text import fold

BY_CATEGORY = {
    "interested": REPLY, "meeting": CALL, "question": REPLY, "not_now": WAIT_UNTIL, "not_interested": NEVER, "unsubscribe": NEVER, "complaint": NEVER,
    "wrong_person": ASK_OTHER, "left_company": ASK_OTHER,
}  # fmt: skip
"""Request of a reply by its category, used if no rule matches its words."""


def next_step(
    text: str, *, received: date, lang: str | None = None, category: str | None = None, because: str = ""
) -> NextStep:
    """Return the request of a reply. `lang` is ignored: both languages are read at once. A text without a request gets `none`.

    `category`: the reply's, from triage, used only if no rule matches. `because`: the words that the category rests on, quoted if no rule
    matches, or if the request's own words are only a greeting.
    """
    mail = Mail(text, received)
    for decide in (_stop, _other, _wait, _call, _later, _decline, _returns, _reply):
        step = decide(mail)
        if step:
            return replace(step, quoted=because or _first_words(mail)) if _is_greeting(step.quoted) else step
    return NextStep(BY_CATEGORY.get(category or "", NONE), quoted=because or _first_words(mail))


def _first_words(mail: Mail) -> str:
    """Return the first sentence that says more than hello."""
    texts = [part.text for part in mail.read]
    return next((text for text in texts if not _is_greeting(text)), texts[0] if texts else "")


def _is_greeting(text: str) -> bool:
    return bool(GREETING.search(fold(text)))


STOP_ALONE = {"remove", "stopp", "raus", "abmeldung", "unsub", "weg"}
"""Words that ask to stop where they stand alone."""


def _stop(mail: Mail) -> NextStep | None:
    for part in mail.read:
        if part.has(rules.LEGAL) and not part.sentence.is_question:
            return NextStep(NEVER, quoted=part.text)
        words = [token.text for token in part.sentence.tokens if token.kind == WORD]
        if len(words) <= 2 and STOP_ALONE & set(words):
            return NextStep(NEVER, quoted=part.text)
        if part.has(rules.STOP) and not _is_a_wait_for_mails(part, mail.received):
            return NextStep(NEVER, quoted=part.text)
    return None


def _is_a_wait_for_mails(part: Read, received: date) -> bool:
    """Return whether "no mails before October" is meant: to wait, not to stop."""
    limits = ("before", "until", "from", "after", "until after")
    return not part.has(rules.DECLINE) and any(
        day_of_call(part, span, received) and preposition_of(part.sentence, span.start, [])[0] in limits
        for span in part.sentence.spans
    )


def _other(mail: Mail) -> NextStep | None:
    for number, part in enumerate(mail.read):
        named = addresses(part.sentence)
        if _is_only_for_emergencies(part) or part.has(rules.REDIRECT) and part.follows_a_not(rules.REDIRECT):
            continue
        if _is_redirection(part, named) and not (part.has(rules.FORWARDED) and not named):
            return NextStep(ASK_OTHER, address=_address(mail.read, number), quoted=part.text)
        if named and (part.has(rules.FORWARDED) or _introduces(part)):
            return NextStep(ASK_OTHER, address=named[0], quoted=part.text)
    return None


def _is_only_for_emergencies(part: Read) -> bool:
    return part.has(rules.URGENT) and not part.has(rules.WRONG)


def _is_redirection(part: Read, named: Sequence[str]) -> bool:
    if part.has(rules.WRONG, rules.SURE) and not part.sentence.is_question:
        return True
    return part.has(rules.REDIRECT) and (bool(named) or names_somebody(part) and not part.sentence.is_question)


def _introduces(part: Read) -> bool:
    """Return whether a sentence only introduces an address: "Ordering = Mei (mei@example.org)"."""
    is_person = any(token.text in TITLES | {"she's", "he's"} for token in part.sentence.tokens)
    return len(part.sentence.tokens) > 2 and (is_person or not part.has(rules.SEND, rules.CALL, rules.MEET))


def _address(read: Sequence[Read], number: int) -> str | None:
    """Return the address to write to instead: in the same sentence, else the only one in the two after or the one before."""
    here = addresses(read[number].sentence)
    if here:
        return here[0]
    near = [part for at, part in enumerate(read) if at in (number - 1, number + 1, number + 2)]
    named = []
    for part in near:
        words = {token.text for token in part.sentence.tokens}
        if words & NAMING or len(part.sentence.tokens) <= 2 or part.has(rules.REDIRECT):
            named += addresses(part.sentence)
    return named[0] if len(set(named)) == 1 else None


def _wait(mail: Mail) -> NextStep | None:
    """Return a request to wait with an end; a call requested before it takes precedence."""
    calls = [number for number, part in enumerate(mail.read) if part.has(rules.CALL) and not part.denied(rules.CALL)]
    first_call = min((number for number in calls if not mail.read[number].has(rules.URGENT)), default=len(mail.read))
    waits = [part for part in mail.read[:first_call] if _is_wait(part) and not part.has(rules.MOVED)]
    for part in waits:
        when = first_day(part, mail.received) or day_in_sentences_before(mail, part)
        if when:
            return NextStep(WAIT_UNTIL, when=when, quoted=part.text)
    waits = [part for part in waits if not part.sentence.is_question]
    return NextStep(WAIT_UNTIL, when=absent_until(waits[0], mail), quoted=waits[0].text) if waits else None


def _is_wait(part: Read) -> bool:
    words, is_question = {token.text for token in part.sentence.tokens}, part.sentence.is_question
    if part.has(rules.LATER) and part.has(rules.THEN) and not part.has(rules.SEND):
        return True
    if not is_question and (part.has(rules.ANOTHER_TIME) or _is_again_after_something(part, words)):
        return True
    if part.has(rules.PAST) or not names_a_period(part):
        return False
    if part.has(rules.RETURNS) or words & {"before", "vorher"} and part.has(rules.NOT):
        return True
    is_asked_again = part.has(rules.LATER) and bool(words & (AGAIN | {"back"})) and not part.has(rules.SEND)
    if not part.has(rules.LATER, rules.STOP) or is_question and not is_asked_again or is_deadline(part):
        return False
    return not _is_appointment(part)


def _is_again_after_something(part: Read, words: set[str]) -> bool:
    """Return whether a sentence asks to write again after an event: "Knock again once the harvest is in." """
    return bool(words & AGAIN and words & WHENEVER) and not part.has(rules.SEND, rules.CALL)


def _is_appointment(part: Read) -> bool:
    has_hour = any(span.last.hour is not None for span in part.sentence.spans)
    return part.has(rules.MEET) and has_hour and not part.has(rules.NOT)


def _later(mail: Mail) -> NextStep | None:
    """Return a request to wait without an end, also from an absence without another request."""
    if any(asks_now(part) for part in mail.read):
        return None
    for part in mail.read:
        if part.has(rules.LATER) and is_later(part):
            return NextStep(WAIT_UNTIL, when=absent_until(part, mail), quoted=part.text)
    absence = mail.absence
    return NextStep(WAIT_UNTIL, when=absence.back, quoted=absence.quoted) if absence else None


SHORT = 14
"""Tokens of a sentence in which a day and a word of interest make an offer to talk."""


def _call(mail: Mail) -> NextStep | None:
    for number, part in enumerate(mail.read):
        when = first_day(part, mail.received)
        if not _is_call(part, when, is_absent=bool(mail.absence)):
            continue
        if part.has(rules.MOVED):  # "tomorrow has to move. Friday?"
            return NextStep(CALL, when=_day_in_sentences(mail, (number + 1, number + 2)), quoted=part.text)
        when = when or _day_in_sentences(mail, (number + 1, number - 1))
        return NextStep(
            CALL, when=when or (absent_until(part, mail) if part.has(rules.AFTER) else None), quoted=part.text
        )
    return None


def _is_call(part: Read, when: date | None, *, is_absent: bool) -> bool:
    """Return whether a sentence asks for a call or a meeting; days of an absence note are no appointments."""
    if part.has(rules.PAST, rules.DONE) and not part.sentence.is_question or part.has(rules.DECLINE):
        return False
    if part.has(rules.CALL) and not part.denied(rules.CALL):
        return not part.has(rules.URGENT)
    if is_absent:
        return False
    is_meeting = part.has(rules.MEET) and not part.denied(rules.MEET) and bool(when or not part.has(rules.SEND))
    return is_meeting or bool(when) and _offers_a_day(part)


def _offers_a_day(part: Read) -> bool:
    """Return whether a sentence offers a day without a purpose: "Thursday works", "How about Monday?"."""
    if part.has(rules.SEND, rules.RETURNS):
        return False
    is_short_yes = part.has(rules.INTEREST) and len(part.sentence.tokens) <= SHORT
    return is_short_yes or part.sentence.is_question or is_offer(part)


def _day_in_sentences(mail: Mail, numbers: Sequence[int]) -> date | None:
    """Return the first day in these sentences, except in requests for material."""
    near = [mail.read[number] for number in numbers if 0 <= number < len(mail.read)]
    return next((when for part in near if not part.has(rules.SEND) and (when := first_day(part, mail.received))), None)


def _decline(mail: Mail) -> NextStep | None:
    for part in mail.read:
        if part.has(rules.DECLINE):
            return NextStep(NONE if part.has(rules.NOW) else NEVER, quoted=part.text)
    return None


def _returns(mail: Mail) -> NextStep | None:
    if any(part.sentence.is_question or asks_in_words(part) for part in mail.read):
        return None
    return next(
        (
            NextStep(NONE, quoted=part.text)
            for part in mail.read
            if part.has(rules.RETURNS, rules.FORWARDED, rules.DONE)
        ),
        None,
    )


def _reply(mail: Mail) -> NextStep | None:
    for test in (
        lambda part: part.sentence.is_question or asks_in_words(part),
        lambda part: part.has(rules.SEND) and not part.denied(rules.SEND),
        lambda part: part.has(rules.INTEREST) and not part.denied(rules.INTEREST),
    ):
        for part in mail.read:
            if test(part):
                return NextStep(REPLY, quoted=part.text)
    return None
