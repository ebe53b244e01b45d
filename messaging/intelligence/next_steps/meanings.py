"""Meaning of a date in an out-of-office reply: day of return, last day of absence, or neither.

Two ordered tables of rules: the first that applies decides, including that the date means nothing.
"""

from collections.abc import Callable, Sequence
from enum import Enum

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.calendar_words import LATE
from messaging.intelligence.next_steps.clauses import (
    absent_again,
    cues_in,
    is_bare,
    is_bare_clause,
    is_first_person,
    is_followed_by_when_back,
    is_headline,
    stand_in_order,
)
from messaging.intelligence.next_steps.places import Place
from messaging.intelligence.next_steps.prepositions import AFTER, BEFORE, BY, FROM, ON, UNTIL, UNTIL_AFTER

AFTERNOON = 15
"""Hour before which an absence may end on the same day."""


class Meaning(Enum):
    """Meaning of a date for an absence. Implied meanings count only without an explicit one."""

    RETURN = "return"
    IMPLIED_RETURN = "implied return"
    LAST_DAY = "last day"
    IMPLIED_LAST_DAY = "implied last day"

    @property
    def returns(self) -> bool:
        return self in (Meaning.RETURN, Meaning.IMPLIED_RETURN)

    @property
    def is_implied(self) -> bool:
        return self in (Meaning.IMPLIED_RETURN, Meaning.IMPLIED_LAST_DAY)


Condition = Callable[[Place], bool]
RuleTable = Sequence[tuple[Condition, Meaning | None]]

NOT_AN_ABSENCE = {
    rules.OTHER, rules.CONTACT, rules.COLLEAGUE, rules.NAMED, rules.ANSWER, rules.REGULAR, rules.PRESENT, rules.BACK, rules.PLEASE,
}  # fmt: skip
"""Cues that prevent "I am … until 14 August" from stating an absence."""


def meaning_of(place: Place) -> Meaning | None:
    """Return the meaning of a date for an absence, None if it has none."""
    table = UNTIL_A_DAY if _ends_something(place) else ON_A_DAY
    return next((meaning for applies, meaning in (*ANY_DAY, *table) if applies(place)), None)


# --- conditions


def _ends_something(place: Place) -> bool:
    return place.span.is_range or place.preposition == UNTIL


def _is_when_back(place: Place) -> bool:
    return not place.span.is_range and is_followed_by_when_back(place.sentence, place.span.end, place.found)


def _is_back_by(place: Place) -> bool:
    is_by = place.preposition == BY and place.sentence.tokens[place.span.start - 1].text == "by"
    return is_by and place.has(rules.BACK) and not place.has(rules.PLEASE)


def _is_another_matter(place: Place) -> bool:
    if not place.has(rules.OTHER):
        return False
    return not (place.has(rules.SELF) and (place.has(rules.BACK) or place.is_absent or place.is_first_person))


def _is_until_after_absence(place: Place) -> bool:
    return place.preposition == UNTIL_AFTER and place.is_absent


def _is_not_before(place: Place) -> bool:
    if place.preposition != BEFORE:
        return False
    return place.is_absent or place.has(rules.NOT) and place.has(rules.BACK, rules.ANSWER, rules.PRESENT)


def _cannot_before(place: Place) -> bool:
    """Match "I've broken my wrist and can't type before 2 March."."""
    says_so = place.has(rules.NOT) and rules.SELF in cues_in(place.found, 0, len(place.sentence.tokens))
    return place.preposition == BEFORE and says_so and not place.has(rules.OTHER, rules.CONTACT)


def _asks_us_back(place: Place) -> bool:
    """Match "Please write again after 14 August", which implies that the writer is back on that day."""
    return place.has(rules.BACK) and rules.PLEASE in place.own


def _is_back(place: Place) -> bool:
    return place.has(rules.BACK) and not absent_again(place.found, place.clause, place.preposition, place.is_absent)


def _answers_then(place: Place) -> bool:
    is_note = place.note_is_absent or place.has(rules.SELF) and place.span.last.days == 1
    return (
        place.has(rules.ANSWER) and is_note and place.preposition in (FROM, AFTER, ON) and not place.is_absent and rules.PLEASE not in place.own
    )  # fmt: skip


def _can_be_reached_after(place: Place) -> bool:
    return place.preposition == AFTER and place.has(rules.CONTACT, rules.PRESENT) and place.note_is_absent


def _is_present_from(place: Place) -> bool:
    is_present = place.has(rules.PRESENT) and not place.has(rules.NOT, rules.CONTACT)
    return is_present and place.preposition == FROM and place.note_is_absent and not place.is_absent


def _is_today_or_tomorrow(place: Place) -> bool:
    """Match "I'm at a wedding today and tomorrow": "and tomorrow" has the meaning of the clause before it."""
    if (
        place.preposition != ON
        or place.span.last.days is None
        or place.has(rules.OTHER, rules.PRESENT, rules.ANSWER, rules.CONTACT)
    ):
        return False
    start = 0 if is_bare_clause(place.sentence, place.clause) else place.clause[0]
    clauses = (start, place.clause[1] if start else len(place.sentence.tokens))
    return rules.ABSENT in cues_in(place.found, *clauses) or is_first_person(place.sentence, (start, place.clause[1]))


def _is_absent_that_day(place: Place) -> bool:
    last = place.span.last
    return place.is_absent and place.preposition == ON and (last.day, last.weekday, last.week) != (None, None, None)


def _ends_before_the_afternoon(place: Place) -> bool:
    return place.hour is not None and place.hour < AFTERNOON and not (place.span.is_range and place.hour == 0)


def _ends_in_part_of_a_period(place: Place) -> bool:
    last = place.span.last
    return bool(last.part) and (last.part != LATE or last.week is None)


def _is_not_back_until(place: Place) -> bool:
    """Match "I won't be back until Monday" (back on Monday); "I'm not in and back on Monday" has another order."""
    if not place.has(rules.BACK) or not place.has(rules.NOT) or place.span.is_range:
        return False
    return not place.is_absent or stand_in_order(place.found, place.clause, (rules.NOT, rules.BACK))


def _is_back_until(place: Place) -> bool:
    return place.has(rules.BACK) and not place.span.is_range and not place.is_absent


def _is_every_week(place: Place) -> bool:
    return place.has(rules.REGULAR) and place.span.last.weekday is not None and place.span.last.day is None


def _is_absent(place: Place) -> bool:
    return place.is_absent


def _is_about_sender(place: Place) -> bool:
    """Match "I'm helping with the harvest until 19 September": any reason counts if the sender is the subject."""
    own = place.own
    if is_bare_clause(place.sentence, (place.clause[0], place.span.end)) and not own - {
        rules.SELF,
        rules.AGAIN,
        rules.NEUTRAL,
    }:
        own |= place.scope | ({rules.SELF} & cues_in(place.found, 0, len(place.sentence.tokens)))
    excluded = NOT_AN_ABSENCE - {rules.OTHER} if place.is_first_person else NOT_AN_ABSENCE
    return rules.SELF in own and not own & excluded


def _is_covered_until(place: Place) -> bool:
    return place.has(rules.CONTACT) and place.note_is_absent


def _is_the_period_of_an_absence(place: Place) -> bool:
    is_dated = place.span.last.day is not None or place.span.last.week is not None
    return is_dated and place.note_is_absent and is_bare(place.sentence, place.found)


ANY_DAY: RuleTable = (
    (_is_when_back, Meaning.RETURN),
    (_is_back_by, Meaning.RETURN),
    (lambda place: place.has(rules.LEFT, rules.ELSEWHERE) or place.preposition == BY, None),
    (_is_another_matter, None),
)
ON_A_DAY: RuleTable = (
    (_is_until_after_absence, Meaning.RETURN),
    (lambda place: place.has(rules.REGULAR) or place.preposition == UNTIL_AFTER, None),
    (_is_not_before, Meaning.RETURN),
    (_cannot_before, Meaning.IMPLIED_RETURN),
    (lambda place: place.preposition == BEFORE, None),
    (lambda place: _asks_us_back(place) and place.note_is_absent, Meaning.IMPLIED_RETURN),
    (_asks_us_back, None),
    (_is_back, Meaning.RETURN),
    (lambda place: _answers_then(place) and place.has(rules.NOT), None),
    (_answers_then, Meaning.RETURN),
    (_can_be_reached_after, Meaning.IMPLIED_RETURN),
    (_is_present_from, Meaning.IMPLIED_RETURN),
    (_is_today_or_tomorrow, Meaning.IMPLIED_LAST_DAY),
    (lambda place: place.preposition == ON and place.span.last.days is not None, None),
    (_is_absent_that_day, Meaning.IMPLIED_LAST_DAY),
)
UNTIL_A_DAY: RuleTable = (
    (_ends_before_the_afternoon, None),
    (_ends_in_part_of_a_period, None),
    (_is_not_back_until, Meaning.RETURN),
    (_is_back_until, None),
    (lambda place: place.is_absent and _is_every_week(place), None),
    (_is_absent, Meaning.LAST_DAY),
    (lambda place: _is_about_sender(place) and place.note_is_absent, Meaning.LAST_DAY),
    (_is_about_sender, Meaning.IMPLIED_LAST_DAY),
    (lambda place: place.has(rules.OTHER, rules.ANSWER, rules.REGULAR, rules.PRESENT, rules.BACK), None),
    (lambda place: is_headline(place.sentence, place.span, place.found), Meaning.IMPLIED_LAST_DAY),
    (_is_covered_until, Meaning.IMPLIED_LAST_DAY),
    (_is_the_period_of_an_absence, Meaning.IMPLIED_LAST_DAY),
)
