"""First working day after an absence, read from an absence note in German or English; None when in doubt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from messaging.intelligence.next_steps import absence_rules as rules
from messaging.intelligence.next_steps.calendar_words import LATE
from messaging.intelligence.next_steps.dates import Span
from messaging.intelligence.next_steps.phrases import Match, PhraseBook
from messaging.intelligence.next_steps.points import HORIZON, Contradiction, Point, next_weekday, resolve, weekday_after, weekdays_between
from messaging.intelligence.next_steps.sentences import Sentence, sentences

BOOK = PhraseBook((phrase, rule.cue, rule.id) for rule in rules.RULES for phrase in rule.phrases.split("|"))
KINDS = {rule.id: rule.kind for rule in rules.RULES if rule.kind}

UNTIL, FROM, ON, AFTER, UNTIL_AFTER, BEFORE, BY = "until", "from", "on", "after", "until after", "before", "by"
PREPOSITIONS = {
    "bis": UNTIL, "until": UNTIL, "till": UNTIL, "til": UNTIL, "through": UNTIL, "thru": UNTIL, "up to": UNTIL, "up until": UNTIL, "'til": UNTIL,
    "through to": UNTIL, "ends": UNTIL, "ends on": UNTIL, "ending": UNTIL, "ending on": UNTIL, "endet am": UNTIL, "endet": UNTIL, "letzter urlaubstag ist": UNTIL,
    "letzter urlaubstag": UNTIL, "last day of leave is": UNTIL, "last day of vacation is": UNTIL, "last day of my leave is": UNTIL, "last day off is": UNTIL, "ende": UNTIL, "end": UNTIL,
    "ab": FROM, "von": FROM, "vom": FROM, "from": FROM, "starting": FROM, "starting on": FROM, "beginning": FROM, "as of": FROM, "as from": FROM, "effective": FROM,
    "seit": FROM, "since": FROM, "beginning on": FROM, "starting from": FROM, "beginn": FROM, "start": FROM, "beginnend": FROM,
    "am": ON, "on": ON, "den": ON, "erst": ON, "only on": ON, "in": ON, "the": ON, "ist": ON, "is": ON,
    "nach": AFTER, "after": AFTER, "following": AFTER, "day after": ON, "tag nach": AFTER, "bis nach": UNTIL_AFTER, "until after": UNTIL_AFTER,
    "vor": BEFORE, "before": BEFORE, "prior to": BEFORE, "by": BY, "back by": "back by", "office by": "back by", "spaetestens": BY, "spaetestens am": BY, "spaetestens bis": BY, "um": BY, "at least until": BY, "mindestens bis": BY,
    "no later than": BY, "bis ca": BY, "ca": BY, "circa": BY, "approximately": BY, "around": BY, "etwa": BY, "bis mindestens": BY, "until at least": BY, "bis etwa": BY, "until about": BY,
    "until around": BY, "um den": BY, "bis zirka": BY, "gegen": BY, "bis spaetestens": BY, "c": BY, "commencing": BY, "week beginning": BY, "week of": BY, "woche vom": BY, "woche ab": BY, "bis vor": BEFORE,
}  # fmt: skip
FILLERS = {
    "zum", "dem", "den", "der", "the", "einschliesslich", "inklusive", "incl", "inkl", "einschl", "including", "inclusive", "voraussichtlich", "vorauss", "vsl", "wohl", "vermutlich",
    "probably", "likely", "presumably", "expected", "tentatively", "incl.", "zu", "noch", "again", "wieder", "and", "und", "mit", "date", "einschlieszlich", "erst", "in", "calendar", "tag", "our", "tentativ", "leider", "geplant", "planned", "on", "am", "again", "currently",
}  # fmt: skip
KEPT_AS_LAST = {"in", "on", "am", "den", "the", "erst"}
LOOK_BACK = 8

MAX_GAP = 3
"""Weekdays between the last day of an absence and the return that is named with it: holidays lie there. More contradict."""

BARE_CLAUSE = 2
"""A clause of so many words beside its date means what a clause beside it says."""

BARE_WORDS = 2
"""So many unknown words may stand beside a period that names no absence itself."""

LONGEST = 400
MOST_STATEMENTS = 30
"""A note that says more than this of days is none."""


@dataclass(frozen=True, slots=True)
class Absence:
    """`back`: the first working day, Monday to Friday. `quoted`: the words it is read from, a part of the normalized text."""

    back: date
    kind: str
    quoted: str


@dataclass(frozen=True, slots=True)
class _Statement:
    """A day that a note says something of: the last day of an absence, or the day of return."""

    returns: bool
    day: date
    start: date | None
    quoted: str
    kind: str
    whose: str
    is_weak: bool
    again: bool
    weekday: int | None = None
    """Of a return that is told by its weekday alone, which counts from the end of the absence told with it."""

    @property
    def back(self) -> date:
        return next_weekday(self.day) if self.returns else weekday_after(self.day)


class _Unclear(Exception):
    """The note excludes any answer, such as "until Friday, 14 August" where the 14th was a Thursday."""


def return_date(text: str, *, received: date, lang: str | None = None, subject: str | None = None) -> Absence | None:
    """Return when a person is back, None where the note does not say so clearly.

    `received` is the day the note came, in the organization's time zone. `lang` is not needed: both grammars are one. `subject`
    counts where it tells an absence itself; behind "Automatic reply:" mostly stands our own.
    """
    whole, parts = sentences(text)
    matches = [BOOK.find(sentence.tokens) for sentence in parts]
    cues = {match.cue for found in matches for match in found}
    if rules.LEFT in cues and not {rules.BACK} & cues and not _is_left_of_others(parts, matches):
        return None
    statements: list[_Statement] = []
    try:
        if subject:
            statements += _of_subject(subject, received)
        for sentence, found in zip(parts, matches, strict=True):
            statements += _of_sentence(whole, sentence, found, received, bool({rules.ABSENT, rules.LIMITED} & cues))
        if len(statements) > MOST_STATEMENTS:
            return None
        chosen = _decide(statements, received, says_i=rules.SELF in cues)
    except (_Unclear, Contradiction):
        return None
    if not chosen or not chosen.returns and chosen.start == chosen.day == received:
        return None  # "not in today" says nothing of tomorrow
    kind = chosen.kind or _kind(match for found in matches for match in found)
    return Absence(chosen.back, kind or "away", chosen.quoted)


def _of_subject(subject: str, received: date) -> list[_Statement]:
    """What a subject itself says: only what it says in so many words, since the rest of it may be ours."""
    if subject.casefold().lstrip().startswith(OUR_SUBJECT):
        return []
    whole, parts = sentences(subject)
    found: list[_Statement] = []
    for sentence in parts:
        found += _of_sentence(whole, sentence, BOOK.find(sentence.tokens), received, False)
    return [statement for statement in found if not statement.is_weak and statement.whose == SENDER]


OUR_SUBJECT = ("re:", "aw:", "fw:", "fwd:", "wg:")


def _is_left_of_others(parts: Sequence[Sentence], matches: Sequence[Sequence[Match]]) -> bool:
    """Whether those who left are others: the sentence names somebody else and not the sender."""
    for found in matches:
        cues = {match.cue for match in found}
        if rules.LEFT in cues and (rules.SELF in cues or rules.COLLEAGUE not in cues) and rules.ABSENT not in cues:
            return any(rules.ABSENT in {match.cue for match in other} and rules.SELF in {match.cue for match in other} for other in matches)
    return True


def _of_sentence(
    whole: str, sentence: Sentence, found: Sequence[Match], received: date, note_is_absent: bool
) -> list[_Statement]:
    clauses = sentence.clauses()
    result = []
    for index, span in enumerate(sentence.spans):
        if not (span.last.is_a_day or span.last.week is not None):
            continue
        at = next((number for number, (start, end) in enumerate(clauses) if start <= span.start < end), None)
        if at is None:
            continue
        preposition, hour = _preposition(sentence, span.start, clauses)
        own = _cues(found, *clauses[at])
        scope = own if own - {rules.SELF, rules.AGAIN, rules.NOT, rules.NEUTRAL} else _neighbours(sentence, clauses, at, found, preposition) | own
        statement = _statement(whole, sentence, index, preposition, hour, scope, found, clauses[at], received, note_is_absent)
        if statement:
            result.append(statement)
    return result


def _is_of_another_week(sentence: Sentence, index: int) -> bool:
    """ "Next week I am … until Wednesday": a weekday alone beside a week that is not this one."""
    last = sentence.spans[index].last
    if last.weekday is None or last.day is not None or last.weeks is not None or last.week is not None:
        return False
    return any(span.last.weekday is None and (span.last.weeks or 0) > 0 for span in sentence.spans[:index])


def _cues(found: Iterable[Match], start: int, end: int) -> set[str]:
    return {match.cue for match in found if start <= match.start < end}


def _neighbours(
    sentence: Sentence, clauses: Sequence[tuple[int, int]], at: int, found: Sequence[Match], preposition: str
) -> set[str]:
    """Cues of the nearest clause of the sentence that has any; clauses with a date of their own come last."""
    order = []
    for distance in range(1, len(clauses)):
        order += [number for number in (at - distance, at + distance) if 0 <= number < len(clauses)]
    dated = {
        number
        for number, (start, end) in enumerate(clauses)
        for span in sentence.spans
        if start <= span.start < end and (span.last.is_a_day or span.last.week is not None)
    }
    wanted = {rules.BACK, rules.ANSWER} if preposition in (FROM, ON, AFTER) else {rules.ABSENT, rules.LIMITED}
    meaning = {rules.ABSENT, rules.BACK, rules.ANSWER, rules.LIMITED, rules.PRESENT, rules.OTHER, rules.CONTACT, rules.LEFT}
    if rules.OTHER in _cues(found, *clauses[at]):
        return set()
    if preposition == ON:
        if not _is_bare_clause(sentence, clauses[at]):
            return set()
        return next((cues for number in order if (cues := _cues(found, *clauses[number])) & meaning), set())
    for group in (wanted, meaning):
        for number in [number for number in order if number not in dated] + [number for number in order if number in dated]:
            cues = _cues(found, *clauses[number])
            if cues & group:
                return cues
    return set()


def _is_bare_clause(sentence: Sentence, clause: tuple[int, int]) -> bool:
    dated = {at for span in sentence.spans for at in range(span.start, span.end)}
    return sum(at not in dated and sentence.tokens[at].kind == "word" for at in range(*clause)) <= BARE_CLAUSE


def _preposition(sentence: Sentence, start: int, clauses: Sequence[tuple[int, int]]) -> tuple[str, int | None]:
    """Return what stands before a date ("until", "from", "on" …) and the time of day between both."""
    words: list[str] = []
    hour: int | None = None
    at = start - 1
    clocks = {span.end - 1: span for span in sentence.spans if span.last.hour is not None and not span.last.is_a_day}
    while at >= 0 and len(words) < LOOK_BACK:
        if at in clocks:
            hour = clocks[at].last.hour
            at = clocks[at].start - 1
            words = []
            continue
        token = sentence.tokens[at]
        if token.text in {",", ";", "!", "?", ")"} or token.kind == "number":
            break
        if token.text not in {"(", ".", ":", "-", "–", '"'}:
            words.insert(0, token.text)
        at -= 1
    fallback = ""
    while words:
        for length in (4, 3, 2, 1):
            tail = " ".join(words[-length:])
            if len(words) >= length and tail in PREPOSITIONS:
                if tail in KEPT_AS_LAST and not fallback:
                    fallback = PREPOSITIONS[tail]
                    break
                if tail in KEPT_AS_LAST:
                    break
                return PREPOSITIONS[tail], hour
        if words[-1] not in FILLERS and words[-1] not in KEPT_AS_LAST:
            break
        words.pop()
    if fallback == ON and _begins_with_until(sentence, start, clauses):
        return UNTIL, hour
    return fallback or ON, hour


def _begins_with_until(sentence: Sentence, start: int, clauses: Sequence[tuple[int, int]]) -> bool:
    """ "bis zum Ende der Prüfungszeit am 31. Januar", "until the end of the fair on 14 August"; not "bis zu meiner Rückkehr am …"."""
    begin = next((begin for begin, end in clauses if begin <= start < end), start)
    before = [token.text for token in sentence.tokens[begin:start]]
    ends = {"ende", "end", "schluss", "abschluss", "close"}
    return bool({"bis", "until", "till"} & set(before)) and bool(ends & set(before))


def _statement(
    whole: str, sentence: Sentence, index: int, preposition: str, hour: int | None, scope: set[str], found: Sequence[Match],
    clause: tuple[int, int], received: date, note_is_absent: bool,
) -> _Statement | None:  # fmt: skip
    span = sentence.spans[index]
    hour = hour if hour is not None else span.last.hour
    meaning = _meaning(sentence, index, preposition, scope, found, clause, note_is_absent, hour)
    if not meaning:
        return None
    returns, is_weak = meaning
    if meaning == ENDS_THAT_DAY and span.last.hour is None and hour is None:
        return None
    day = _day(span.last, received, returns=returns, preposition=preposition)
    if day is None:
        return None
    if not returns and preposition == UNTIL and not span.is_range and span.last.weekday == received.weekday() and span.last.day is None and span.last.weeks is None:
        return None  # "until Friday", written on a Friday: this one or the next
    if _is_of_another_week(sentence, index):
        return None
    first = _start(span.first, day, received) if span.first else _start_before(sentence, index, day, received)
    if first and first > day or returns and preposition in (AFTER, UNTIL_AFTER) and span.is_range:
        raise _Unclear
    if returns and preposition in (AFTER, UNTIL_AFTER):
        day += timedelta(days=1)
    if not returns and preposition == ON and not span.is_range and not first:
        first = day
    start, end = clause
    quoted_start = min(start, span.start)
    return _Statement(
        returns, day, first, _quote(whole, sentence, quoted_start, max(end, span.end)), _kind(found) or "", _speaks_of(found, clause), is_weak,
        rules.AGAIN in _cues(found, 0, len(sentence.tokens)),
        span.last.weekday if returns and not span.is_range and (span.last.day, span.last.weeks, span.last.in_weeks) == (None, None, None) else None,
    )  # fmt: skip


SENDER, SOMEBODY, COLLEAGUE = "sender", "somebody", "colleague"


def _speaks_of(found: Sequence[Match], clause: tuple[int, int]) -> str:
    """Whose absence a clause tells: the sender's, somebody's it names (who may be the sender), or a colleague's."""
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


ENDS_THAT_DAY = (True, True)


def _meaning(
    sentence: Sentence, index: int, preposition: str, scope: set[str], found: Sequence[Match], clause: tuple[int, int],
    note_is_absent: bool, hour: int | None,
) -> tuple[bool, bool] | None:  # fmt: skip
    """Return (whether it is a day of return, whether that is only implied), None where the day says nothing of an absence."""
    span = sentence.spans[index]
    absent = bool(scope & {rules.ABSENT, rules.LIMITED}) or _is_denied(found, clause)
    back = rules.BACK in scope
    if _is_followed_by_when_back(sentence, span.end, found) and not span.is_range:
        return (True, False)
    if preposition == BY and back and sentence.tokens[span.start - 1].text == "by" and rules.PLEASE not in scope:
        return (True, False)
    if rules.LEFT in scope or preposition == BY or rules.ELSEWHERE in scope:
        return None
    if rules.OTHER in scope and not (rules.SELF in scope and (back or absent or _says_i_am(sentence, clause))):
        return None
    if preposition == UNTIL_AFTER:
        return (True, False) if absent else None
    if span.is_range or preposition == UNTIL:
        return _meaning_of_until(sentence, index, preposition, scope, found, clause, note_is_absent, hour)
    if rules.REGULAR in scope:
        return None
    if preposition == BEFORE:
        return (True, False) if absent or rules.NOT in scope and (back or rules.ANSWER in scope or rules.PRESENT in scope) else None
    asked = rules.PLEASE in _cues(found, *clause)
    if back and asked:
        return (True, True) if note_is_absent else None
    if back and not _absent_again(scope, found, clause, preposition, absent):
        return (True, False)
    if rules.ANSWER in scope and (note_is_absent or rules.SELF in scope and span.last.days == 1) and preposition in (FROM, AFTER, ON) and not absent and not asked:
        return (True, False) if rules.NOT not in scope else None
    if preposition == AFTER and (rules.CONTACT in scope or rules.PRESENT in scope) and note_is_absent:
        return (True, True)
    if rules.PRESENT in scope and preposition == FROM and note_is_absent and not absent and rules.NOT not in scope and rules.CONTACT not in scope:
        return (True, True)
    if preposition == ON and span.last.days is not None and not span.is_range and rules.BACK not in scope:
        near = found if _is_bare_clause(sentence, clause) else [match for match in found if clause[0] <= match.start < clause[1]]
        is_self = rules.ABSENT in {match.cue for match in near} or _says_i_am(sentence, (clause[0] if near is not found else 0, clause[1]))
        return (False, True) if is_self and not scope & {rules.OTHER, rules.PRESENT, rules.ANSWER, rules.CONTACT} else None
    if absent and preposition == ON and (span.last.day is not None or span.last.weekday is not None or span.last.week is not None):
        return (False, True)
    return None


def _says_i_am(sentence: Sentence, clause: tuple[int, int]) -> bool:
    words = {token.text for token in sentence.tokens[clause[0] : clause[1]]}
    return bool(words & {"bin", "i'm"}) or {"i", "am"} <= words


NOT_AN_ABSENCE = {
    rules.OTHER, rules.CONTACT, rules.COLLEAGUE, rules.NAMED, rules.ANSWER, rules.REGULAR, rules.PRESENT, rules.BACK, rules.PLEASE,
}  # fmt: skip
"""Without any of these, "I am … until 14 August" tells an absence, whatever its reason."""


def _meaning_of_until(
    sentence: Sentence, index: int, preposition: str, scope: set[str], found: Sequence[Match], clause: tuple[int, int],
    note_is_absent: bool, hour: int | None,
) -> tuple[bool, bool] | None:  # fmt: skip
    span = sentence.spans[index]
    back = rules.BACK in scope
    absent = bool(scope & {rules.ABSENT, rules.LIMITED}) or _is_denied(found, clause)
    if hour is not None and hour < 15 and not (span.is_range and hour == 0):
        return None  # until noon, until Monday 9 o'clock: back on that day, perhaps
    if span.last.part:
        if span.last.part != LATE or span.last.week is None:
            return None
    if back and not span.is_range and not absent:
        return (True, False) if rules.NOT in scope else None
    if back and rules.NOT in scope and not span.is_range and _stand_in_order(found, clause, (rules.NOT, rules.BACK)):
        return (True, False)
    if absent:
        if span.last.weekday is not None and span.last.day is None and rules.REGULAR in scope:
            return None
        return (False, False)
    own = _cues(found, *clause)
    if _is_bare_clause(sentence, (clause[0], span.end)) and not own - {rules.SELF, rules.AGAIN, rules.NEUTRAL}:
        own |= scope | ({rules.SELF} & _cues(found, 0, len(sentence.tokens)))
    if rules.SELF in own and not own & (NOT_AN_ABSENCE - {rules.OTHER} if _says_i_am(sentence, clause) else NOT_AN_ABSENCE):
        return (False, not note_is_absent)
    if scope & {rules.OTHER, rules.ANSWER, rules.REGULAR, rules.PRESENT} or back:
        return None
    if _is_headline(sentence, span, found):
        return (False, True)
    if rules.CONTACT in scope and note_is_absent:
        return (False, True)
    if note_is_absent and _is_bare(sentence, found):
        return (False, True) if span.last.day is not None or span.last.week is not None else None
    return None


def _absent_again(scope: set[str], found: Sequence[Match], clause: tuple[int, int], preposition: str, absent: bool) -> bool:
    """ "Ab 18.8. bin ich wieder nicht da": return and absence in one clause, where the absence comes last."""
    if not absent:
        return False
    in_clause = [match for match in found if clause[0] <= match.start < clause[1] and match.cue in (rules.ABSENT, rules.BACK)]
    return bool(in_clause) and all(match.cue == rules.ABSENT for match in in_clause) and preposition == FROM


HEADLINE_WORDS = 6


def _is_headline(sentence: Sentence, span: Span, found: Sequence[Match]) -> bool:
    """ "On a buying trip until 20 June.", "Tools down until 31 July.": a few words before the date and nothing else."""
    words = [token for token in sentence.tokens if token.kind == "word"]
    cues = {match.cue for match in found} - {rules.AGAIN, rules.NEUTRAL}
    return len(words) <= HEADLINE_WORDS + span.end - span.start and not cues and span.end >= len(sentence.tokens) - 1 and len(sentence.spans) == 1


def _is_denied(found: Sequence[Match], clause: tuple[int, int]) -> bool:
    """ "nicht persönlich erreichbar": a word of presence behind a negation."""
    return _stand_in_order(found, clause, (rules.NOT, rules.PRESENT)) and rules.BACK not in _cues(found, *clause)


def _stand_in_order(found: Sequence[Match], clause: tuple[int, int], wanted: tuple[str, str]) -> bool:
    places = {match.cue: match.start for match in reversed(found) if clause[0] <= match.start < clause[1]}
    return all(cue in places for cue in wanted) and places[wanted[0]] < places[wanted[1]]


def _is_followed_by_when_back(sentence: Sentence, end: int, found: Sequence[Match]) -> bool:
    """ "until 18 August, when I will be back" """
    following = [token.text for token in sentence.tokens[end : end + 4] if token.text != ","]
    if following[:1] not in (["when"], ["wenn"]) and following[:2] != ["on", "which"]:
        return False
    return any(match.cue == rules.BACK and match.start < end + 9 for match in found if match.start >= end)


KNOWN_WORDS = set(
    "zeitraum period dates date dauer von bis ab from to the dem den der zum am on hallo hello hi und and in im vom dear until through till zwischen between wieder incl inkl einschliesslich including "
    "day tag tage days total insgesamt einschl kw week of zeit both beide inclusive noch jeweils ganztaegig all also leider voraussichtlich".split()
)


def _is_bare(sentence: Sentence, found: Sequence[Match]) -> bool:
    """Whether a sentence is hardly more than its dates: "4.–15. August 2025", "Zeitraum: 4.8. bis 15.8."."""
    inside = {at for span in sentence.spans for at in range(span.start, span.end)}
    inside |= {at for match in found for at in range(match.start, match.end)}
    unknown = [
        token for at, token in enumerate(sentence.tokens) if at not in inside and token.kind == "word" and token.text not in KNOWN_WORDS
    ]
    return len(unknown) <= BARE_WORDS


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
    """The day a range begins: of its days without a year, the latest that is not after its end."""
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
    """ "from 4 August I am away until 15 August": the start stands in a clause before. """
    if index == 0:
        return None
    before = sentence.spans[index - 1]
    if before.is_range or not before.last.is_a_day or before.last.ambiguous or before.last.day is None:
        return None
    preposition, _ = _preposition(sentence, before.start, [])
    if preposition != FROM:
        return None
    try:
        start = resolve(before.last, received, lately=60)
    except Contradiction:
        return None
    return start if start and start <= day else None


def _quote(whole: str, sentence: Sentence, start: int, end: int) -> str:
    return sentence.text_of(whole, start, end).strip()[:LONGEST]


def _kind(found: Iterable[Match]) -> str:
    kinds = [KINDS[match.rule] for match in found if match.rule in KINDS]
    return next((kind for kind in kinds if kind != "limited"), kinds[0] if kinds else "")


def _decide(statements: Sequence[_Statement], received: date, *, says_i: bool) -> _Statement | None:
    """Return the statement whose day is the first return, None where they exclude each other."""
    usable = _of_the_sender(statements, says_i)
    usable = [statement for statement in usable if not statement.is_weak] or usable
    in_time = [statement for statement in usable if received <= statement.back <= received + timedelta(days=HORIZON)]
    if not in_time:
        return None
    ends = [statement for statement in in_time if not statement.returns]
    returns = [_after_the_end(statement, ends) for statement in in_time if statement.returns]
    first_return = min(returns, key=lambda statement: statement.back, default=None)
    if len({statement.back for statement in returns}) > 1 and not any(end.start for end in ends) and not any(s.again for s in in_time):
        return None
    absences = _merged(ends)
    if absences is None:
        return None
    if first_return is None:
        return absences[0] if absences else None
    return _with_returns(absences, returns)


def _after_the_end(back: _Statement, ends: Sequence[_Statement]) -> _Statement:
    """ "until Thursday, 30 July; back on Friday": the first Friday after the 30th."""
    last = max((end.day for end in ends), default=None)
    if back.weekday is None or last is None or back.day > last or len(ends) > 1:
        return back
    return replace(back, day=last + timedelta(days=(back.weekday - last.weekday() - 1) % 7 + 1))


def _of_the_sender(statements: Sequence[_Statement], says_i: bool) -> list[_Statement]:
    """A note that never says "I" is written about its sender; colleagues' absences never count."""
    own = [statement for statement in statements if statement.whose == SENDER]
    return own if own or says_i else [statement for statement in statements if statement.whose == SOMEBODY]


def _merged(ends: Sequence[_Statement]) -> list[_Statement] | None:
    """Absences in order, those that touch joined; None where two that overlap end on different days."""
    ordered = sorted({(end.start or date.min, end.day): end for end in reversed(ends)}.values(), key=lambda end: end.day)
    joined: list[_Statement] = []
    for end in ordered:
        if joined and (end.start is None or end.start <= joined[-1].day):
            if end.day == joined[-1].day:
                continue
            if not end.again:
                return None
            if end.start is None:
                continue  # a later absence whose first day is not told
        if joined and end.start and weekday_after(joined[-1].day) >= end.start:
            joined[-1] = end
            continue
        joined.append(end)
    return joined


def _with_returns(absences: Sequence[_Statement], returns: Sequence[_Statement]) -> _Statement | None:
    """Pair each return with the absence that ends before it; None where a return lies inside an absence, or long after it."""
    ordered = sorted(returns, key=lambda statement: statement.back)
    candidates: list[_Statement] = []
    paired: set[int] = set()
    for back in ordered:
        inside = [end for end in absences if end.day >= back.back and (end.start is None or end.start < back.back) and not end.again]
        if inside:
            return None
        before = [number for number, end in enumerate(absences) if end.day < back.back]
        if before and before[-1] not in paired:
            gap = weekdays_between(absences[before[-1]].day, back.back)
            if gap > MAX_GAP and len(absences) == 1:
                return None
            if gap <= MAX_GAP:
                paired.add(before[-1])
        candidates.append(back)
    candidates += [end for number, end in enumerate(absences) if number not in paired]
    return min(candidates, key=lambda statement: statement.back)
