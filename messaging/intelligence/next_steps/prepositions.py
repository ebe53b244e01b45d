"""Recognize prepositions before a date in German and English: until, from, on, after, before, by."""

from collections.abc import Sequence

from messaging.intelligence.next_steps.sentences import Sentence

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
    "probably", "likely", "presumably", "expected", "tentatively", "incl.", "zu", "noch", "again", "wieder", "and", "und", "mit", "date", "einschlieszlich", "erst", "in", "calendar", "tag", "our", "tentativ", "leider", "geplant", "planned", "on", "am", "currently",
}  # fmt: skip
KEPT_AS_LAST = {"in", "on", "am", "den", "the", "erst"}
LOOK_BACK = 8


def preposition_of(sentence: Sentence, start: int, clauses: Sequence[tuple[int, int]]) -> tuple[str, int | None]:
    """Return the preposition before a date ("until", "from", "on" …) and the time of day between the two."""
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
    """Return whether an "until" several words before a date belongs to the date: yes in "until the end of the fair on 14 August", no in
    "bis zu meiner Rückkehr am …".
    """
    begin = next((begin for begin, end in clauses if begin <= start < end), start)
    before = [token.text for token in sentence.tokens[begin:start]]
    ends = {"ende", "end", "schluss", "abschluss", "close"}
    return bool({"bis", "until", "till"} & set(before)) and bool(ends & set(before))
