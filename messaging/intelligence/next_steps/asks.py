"""The next step a person asks for: an answer, a call, to wait, to ask somebody else, to stop, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from messaging.intelligence.next_steps import ask_rules as rules
from messaging.intelligence.next_steps.absence import Absence, _preposition, return_date
from messaging.intelligence.next_steps.addresses import addresses, written_out
from messaging.intelligence.next_steps.calendar_words import MID
from messaging.intelligence.next_steps.dates import Span
from messaging.intelligence.next_steps.phrases import Match, PhraseBook
from messaging.intelligence.next_steps.points import Contradiction, Point, first_weekday, next_weekday, resolve, weekday_after
from messaging.intelligence.next_steps.sentences import Sentence, sentences
from messaging.intelligence.next_steps.tokens import MAX_CHARS

REPLY, CALL, WAIT_UNTIL, ASK_OTHER, NEVER, NONE = "reply", "call", "wait_until", "ask_other", "never", "none"
ASKS = (REPLY, CALL, WAIT_UNTIL, ASK_OTHER, NEVER, NONE)

BOOK = PhraseBook((phrase, rule.cue, rule.id) for rule in rules.RULES for phrase in rule.phrases.split("|"))
YEAR = 366
LONGEST = 400


@dataclass(frozen=True, slots=True)
class NextStep:
    """`ask`: one of ASKS. `when` only with call and wait_until, a weekday. `address` only with ask_other. `quoted`: its words."""

    ask: str
    when: date | None = None
    address: str | None = None
    quoted: str = ""


@dataclass(slots=True)
class _Read:
    """A sentence, its phrases, and how they stand to each other."""

    sentence: Sentence
    found: list[Match]
    text: str

    @property
    def cues(self) -> set[str]:
        return {match.cue for match in self.found}

    def has(self, *cues: str) -> bool:
        return bool(self.cues & set(cues))

    def denied(self, cue: str) -> bool:
        """Whether every word of a cue stands in a clause behind a negation, or before one: "rufen Sie bitte nicht an"."""
        matches = [match for match in self.found if match.cue == cue]
        return bool(matches) and all(self._is_denied(match) for match in matches)

    def follows_a_not(self, cue: str) -> bool:
        """Whether every word of a cue has a negation right before it."""
        matches = [match for match in self.found if match.cue == cue]
        return all(any(other.cue == rules.NOT and 0 <= match.start - other.end <= 1 for other in self.found) for match in matches)

    def _is_denied(self, match: Match) -> bool:
        clause = next(((start, end) for start, end in self.sentence.clauses() if start <= match.start < end), (0, len(self.sentence.tokens)))
        return any(
            other.cue == rules.NOT and clause[0] <= other.start < clause[1] and -6 <= other.start - match.start <= 5 for other in self.found
        )


class _Mail:
    """A mail's sentences, and the absence it tells, read once and only when asked for."""

    def __init__(self, text: str, received: date) -> None:
        whole, parts = sentences(written_out(text[: 2 * MAX_CHARS]))
        self.text, self.received = text, received
        self.read = [
            _Read(sentence, BOOK.find(sentence.tokens), sentence.text_of(whole, 0, len(sentence.tokens)).strip()[:LONGEST])
            for sentence in parts
        ]

    @cached_property
    def absence(self) -> Absence | None:
        return return_date(self.text, received=self.received)


BY_CATEGORY = {
    "interested": REPLY, "meeting": CALL, "question": REPLY, "not_now": WAIT_UNTIL, "not_interested": NEVER, "unsubscribe": NEVER, "complaint": NEVER,
    "wrong_person": ASK_OTHER, "left_company": ASK_OTHER,
}  # fmt: skip
"""What a reply of a category asks for where its words tell no rule."""


def next_step(text: str, *, received: date, lang: str | None = None, category: str | None = None) -> NextStep:
    """Return what a person asks for. `lang` is not needed: both grammars are one. Texts that ask for nothing get `none`.

    `category`: of the reply, as triage tells it; used only where no rule finds anything.
    """
    mail = _Mail(text, received)
    for decide in (_stop, _other, _wait, _call, _later, _decline, _returns, _reply):
        step = decide(mail)
        if step:
            return step
    return NextStep(BY_CATEGORY.get(category or "", NONE), quoted=mail.read[0].text if mail.read else "")


def _stop(mail: _Mail) -> NextStep | None:
    for part in mail.read:
        if part.has(rules.LEGAL) and not part.sentence.is_question:
            return NextStep(NEVER, quoted=part.text)
        if part.has(rules.STOP) and not _is_a_wait_for_mails(part, mail.received):
            return NextStep(NEVER, quoted=part.text)
    return None


def _is_a_wait_for_mails(part: _Read, received: date) -> bool:
    """ "no mails before October" asks to wait, not to stop."""
    limits = ("before", "until", "from", "after", "until after")
    return not part.has(rules.DECLINE) and any(
        _when(part, span, received) and _preposition(part.sentence, span.start, [])[0] in limits for span in part.sentence.spans
    )


def _other(mail: _Mail) -> NextStep | None:
    for number, part in enumerate(mail.read):
        named = addresses(part.sentence)
        if part.has(rules.URGENT) and not part.has(rules.WRONG) or part.has(rules.REDIRECT) and part.follows_a_not(rules.REDIRECT):
            continue
        if part.has(rules.WRONG, rules.SURE) and not part.sentence.is_question or part.has(rules.REDIRECT) and (named or _names_somebody(part)):
            if part.has(rules.FORWARDED) and not named:
                continue
            return NextStep(ASK_OTHER, address=_address(mail.read, number), quoted=part.text)
        if named and part.has(rules.FORWARDED):
            return NextStep(ASK_OTHER, address=named[0], quoted=part.text)
        is_person = named and any(token.text in TITLES | {"she's", "he's"} for token in part.sentence.tokens)
        if named and (is_person or not part.has(rules.SEND, rules.CALL, rules.MEET)) and len(part.sentence.tokens) > 2:
            return NextStep(ASK_OTHER, address=named[0], quoted=part.text)
    return None


TITLES = {"frau", "herr", "herrn", "fr", "hr", "mr", "mrs", "ms", "dr", "kollege", "kollegin", "kollegen", "colleague", "coworker", "boss", "chef", "chefin", "assistentin", "assistenz", "assistant", "einkauf", "abteilung", "department", "team", "marketing", "procurement", "it", "hr", "geschaeftsfuehrer", "geschaeftsfuehrung", "zentrale", "head", "manager", "vertrieb", "purchasing", "ceo", "cto", "cfo", "cmo", "coo", "nachfolger", "nachfolgerin", "successor", "leiter", "leiterin", "director", "vp", "owner", "ihr", "ihm", "her", "him", "partner", "mutterkonzern", "headquarters", "hq"}


def _names_somebody(part: _Read) -> bool:
    """Whether a title, a department or a name (a capital word inside the sentence, not a date) stands in the sentence, and not "me"."""
    tokens = part.sentence.tokens
    if any(token.text in TITLES for token in tokens):
        return True
    if part.has(rules.ME):
        return False
    inside = {at for span in part.sentence.spans for at in range(span.start, span.end)}
    matched = {at for match in part.found if match.cue == rules.REDIRECT for at in range(match.start, match.end)}
    last = max(matched, default=0)
    return any(
        token.capital and token.kind == "word" and token.text not in {"sie", "ihnen", "ihr", "ihre", "i", "ich", "bitte", "unterlagen", "preise"} and at not in inside
        for at, token in enumerate(tokens)
        if last < at <= last + 4
    )


NAMING = {"unter", "at", "mail", "email", "e", "adresse", "address", "erreichen", "reach", "kontakt", "contact", "ihre", "seine", "her", "his", "hier", "here", "ist", "is", "an", "to", "cc", "their"}


def _address(read: Sequence[_Read], number: int) -> str | None:
    """The address beside a redirection: in its sentence, else the only one in one of the two sentences after or the one before it."""
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


def _wait(mail: _Mail) -> NextStep | None:
    """A wait whose end is told, first where it is a day."""
    calls = [number for number, part in enumerate(mail.read) if part.has(rules.CALL) and not part.denied(rules.CALL) and not part.has(rules.URGENT)]
    waits = [part for number, part in enumerate(mail.read) if _is_wait(part) and not part.has(rules.MOVED) and not any(called <= number for called in calls)]
    for part in waits:
        when = _first_when(part, mail.received) or _told_before(mail, part)
        if when:
            return NextStep(WAIT_UNTIL, when=when, quoted=part.text)
    if not waits:
        return None
    return NextStep(WAIT_UNTIL, when=_absent_until(waits[0], mail), quoted=waits[0].text)


def _told_before(mail: _Mail, part: _Read) -> date | None:
    """ "Our budget opens in October. Knock again then.": the period of one of the two sentences before."""
    if not part.has(rules.THEN, rules.AFTER):
        return None
    at = mail.read.index(part)
    found = (_first_when(other, mail.received) for other in reversed(mail.read[max(0, at - 2) : at]))
    return next((when for when in found if when), None)


AGAIN = {"again", "nochmal", "nochmals", "wieder", "erneut", "nochmals"}
WHENEVER = {"once", "nach", "after", "sobald", "when", "wenn"}


def _is_wait(part: _Read) -> bool:
    if part.has(rules.LATER) and part.has(rules.THEN) and not part.has(rules.SEND):
        return True
    if part.has(rules.ANOTHER_TIME) and not part.sentence.is_question:
        return True
    words = {token.text for token in part.sentence.tokens}
    if words & AGAIN and words & WHENEVER and not part.has(rules.SEND, rules.CALL) and not part.sentence.is_question:
        return True
    if part.has(rules.PAST):
        return False
    if not _names_a_period(part):
        return False
    if part.has(rules.RETURNS):
        return True
    again = part.has(rules.LATER) and bool(words & AGAIN)
    if words & {"before", "vorher"} and part.has(rules.NOT):
        return True
    if not part.has(rules.LATER, rules.STOP) or part.sentence.is_question and not again or _is_deadline(part):
        return False
    return not (part.has(rules.MEET) and not part.has(rules.NOT) and any(span.last.hour is not None for span in part.sentence.spans))


def _later(mail: _Mail) -> NextStep | None:
    """A wait without an end, or an absence, where nothing is asked for now."""
    if any(_asks_now(part) for part in mail.read):
        return None
    for part in mail.read:
        if part.has(rules.LATER) and _is_later(part):
            return NextStep(WAIT_UNTIL, when=_absent_until(part, mail), quoted=part.text)
    absence = mail.absence
    return NextStep(WAIT_UNTIL, when=absence.back, quoted=absence.quoted) if absence else None


def _asks_now(part: _Read) -> bool:
    return part.sentence.is_question or part.has(rules.SEND) and not part.denied(rules.SEND)


VAGUE = {
    "spaeter", "later", "spaeteren", "jahr", "year", "sommer", "summer", "herbst", "autumn", "fall", "winter", "fruehjahr", "fruehling", "spring", "ostern", "easter", "weihnachten", "christmas", "ferien", "holidays", "sommerferien", "urlaub",
    "monaten", "months", "wochen", "weeks", "halben", "halbjahr", "naechstes", "naechsten", "tagen", "days", "pfingsten", "jahreswechsel", "neujahr", "sommerpause", "woche", "week", "monat", "month", "quartal", "quarter", "messe", "umzug", "jahresende", "jahresanfang", "geschaeftsjahr", "fiscal",
    "quartals", "monats", "jahres", "season", "saison", "feiertagen", "halfway", "h1", "h2", "haelfte", "half",
}  # fmt: skip


def _names_a_period(part: _Read) -> bool:
    return any(token.text in VAGUE for token in part.sentence.tokens) or any(not _is_clock(span.last) for span in part.sentence.spans)


def _is_later(part: _Read) -> bool:
    words = {token.text for token in part.sentence.tokens}
    return bool(words & VAGUE) or part.has(rules.AFTER) or bool(words & {"wiedervorlage", "fruehestens"})


def _is_clock(point: Point) -> bool:
    return point.hour is not None and not point.is_a_day


def _is_deadline(part: _Read) -> bool:
    """ "Send me the prices by Friday": a day until which, and not from which."""
    if not part.has(rules.SEND) or part.has(rules.NOT, rules.NOW, rules.DECLINE):
        return False
    return any(_preposition(part.sentence, span.start, [])[0] in ("until", "by", "before") for span in part.sentence.spans)


def _absent_until(part: _Read, mail: _Mail) -> date | None:
    absence = mail.absence
    return absence.back if absence and (part.has(rules.AFTER) or "nach" in part.text.lower()) else None


def _call(mail: _Mail) -> NextStep | None:
    absence = mail.absence
    for number, part in enumerate(mail.read):
        if part.has(rules.PAST, rules.DONE) and not part.sentence.is_question:
            continue
        called = part.has(rules.CALL) and not part.denied(rules.CALL)
        when = _first_when(part, mail.received)
        met = part.has(rules.MEET) and not part.denied(rules.MEET) and (bool(when) or not part.has(rules.SEND)) and not absence
        offered = when and not absence and (part.has(rules.INTEREST) and len(part.sentence.tokens) <= SHORT or part.sentence.is_question or _is_offer(part)) and not part.has(rules.SEND, rules.RETURNS, rules.DECLINE)
        if not (called or met or offered) or part.has(rules.DECLINE):
            continue
        if called and part.has(rules.URGENT):
            continue
        if part.has(rules.MOVED):
            when = next((found for other in mail.read[number + 1 : number + 3] if (found := _first_when(other, mail.received))), None)
            return NextStep(CALL, when=when, quoted=part.text)
        if when is None:
            near = [mail.read[at] for at in (number + 1, number - 1) if 0 <= at < len(mail.read)]
            when = next((found for other in near if not other.has(rules.SEND) and (found := _first_when(other, mail.received))), None)
            when = when or (_absent_until(part, mail) if part.has(rules.AFTER) else None)
        return NextStep(CALL, when=when, quoted=part.text)
    return None


SHORT = 14
"""Tokens of a sentence in which a day and a word of interest make an offer to talk."""

OFFERS = {"passt", "passen", "passte", "works", "work", "suits", "suit", "geht", "ginge", "gehts", "frei", "free", "available", "zeit", "time", "erreichbar", "klappt", "fine", "good", "waere", "moeglich", "uhr", "pm", "slot", "o'clock", "do", "kann", "koennte"}


def _is_offer(part: _Read) -> bool:
    return any(token.text in OFFERS for token in part.sentence.tokens)


def _first_when(part: _Read, received: date) -> date | None:
    return next((when for span in part.sentence.spans if (when := _when(part, span, received))), None)


def _decline(mail: _Mail) -> NextStep | None:
    for part in mail.read:
        if part.has(rules.DECLINE):
            return NextStep(NONE if part.has(rules.NOW) else NEVER, quoted=part.text)
    return None


def _returns(mail: _Mail) -> NextStep | None:
    if any(part.sentence.is_question or _asks_in_words(part) for part in mail.read):
        return None
    return next((NextStep(NONE, quoted=part.text) for part in mail.read if part.has(rules.RETURNS, rules.FORWARDED, rules.DONE)), None)


def _reply(mail: _Mail) -> NextStep | None:
    for test in (lambda part: part.sentence.is_question or _asks_in_words(part), lambda part: part.has(rules.SEND) and not part.denied(rules.SEND), lambda part: part.has(rules.INTEREST) and not part.denied(rules.INTEREST)):
        for part in mail.read:
            if test(part):
                return NextStep(REPLY, quoted=part.text)
    return None


QUESTION_WORDS = {
    "was", "wie", "wann", "wo", "wer", "welche", "welcher", "welches", "warum", "wieso", "wieviel", "woher", "wohin", "wofuer", "womit", "worin", "inwiefern",
    "what", "how", "when", "where", "who", "which", "why", "whose",
}  # fmt: skip
QUESTION_VERBS = {
    "does", "do", "is", "are", "can", "could", "would", "will", "did", "has", "have", "any", "haben", "koennen", "gibt", "ist", "sind", "bieten", "kann", "koennten", "waere", "wuerden",
    "machen", "liefern", "kennen", "geht", "habt", "hast", "kannst", "koennt", "darf", "duerfte", "funktioniert", "laeuft", "gibts", "anybody", "anyone", "should", "shall",
}  # fmt: skip
ASKED_OF = {"you", "it", "there", "this", "that", "your", "sie", "es", "ihr", "das", "ihre", "du", "we", "man", "i", "they", "the", "denn", "der", "die", "dies", "chance", "idea", "news", "update"}


def _asks_in_words(part: _Read) -> bool:
    """A question without its mark: "does it work with macs"."""
    words = [token.text for token in part.sentence.tokens if token.kind == "word"][:3]
    if not words or part.sentence.tokens[-1].text in {".", "!"} and words[0] not in QUESTION_WORDS:
        return False
    if words[0] in QUESTION_WORDS:
        return len(words) > 2 and part.sentence.tokens[-1].text not in {"!"} and "," not in [token.text for token in part.sentence.tokens[:-1]]
    return len(words) > 2 and words[0] in QUESTION_VERBS and words[1] in ASKED_OF


def _when(part: _Read, span: Span, received: date) -> date | None:
    """The weekday a date in a call or a wait stands for, None where it is vague, past or only a deadline."""
    preposition, _ = _preposition(part.sentence, span.start, [])
    point = span.first if span.is_range and span.first else span.last
    if _is_clock(point):
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


def _is_meant_as_period(part: _Read, span: Span) -> bool:
    """English "may" and "march" are months only where a preposition, a part or a year stands beside them."""
    token = part.sentence.tokens[span.start]
    if token.text not in {"may", "march", "mar"} or span.last.part or span.last.year:
        return True
    before = part.sentence.tokens[span.start - 1].text if span.start else ""
    return before in {"in", "until", "before", "after", "by", "from", "next", "of", "to", "till", "on", "im", "for", "around", "late", "early", "mid"}
