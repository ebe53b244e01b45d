"""Split a mail into sentences, each with its dates and clauses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from messaging.intelligence.next_steps.dates import Span, spans
from messaging.intelligence.next_steps.own_text import Line, own_lines
from messaging.intelligence.next_steps.tokens import NUMBER, WORD, Token, normalized, tokens

ABBREVIATIONS = {
    "inkl", "einschl", "ca", "bzw", "dr", "prof", "st", "nr", "tel", "vsl", "voraus", "incl", "approx", "mr", "mrs", "ms", "no", "str", "hr", "fr", "evtl",
    "ggf", "z", "b", "d", "h", "u", "a", "e", "g", "i", "v", "p", "m", "s", "abw", "max", "min", "mind", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "okt", "nov", "dec", "dez", "mo", "di", "mi", "do", "sa", "so", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "vorauss",
}  # fmt: skip
STARTERS = {
    "ich", "bitte", "in", "im", "ab", "fuer", "wir", "meine", "mein", "i", "please", "for", "my", "if", "danach", "waehrend", "during", "ihre", "ihr", "sie",
    "am", "vom", "von", "bei", "dringende", "your", "vielen", "danke", "thank", "thanks", "mit", "anfragen", "wenden", "unser", "unsere", "die", "der", "das", "this",
    "the", "it", "we", "when", "wenn", "falls", "sollten", "bis", "until", "from", "on", "urgent", "eingehende", "es", "nachrichten", "mails", "ihren", "zwischen", "i'm", "i'll",
    "emails", "messages", "should", "zudem", "ausserdem", "additionally", "also", "anschliessend", "then", "after", "nach", "alle", "all", "to", "as", "an", "zur", "kontaktieren", "gerne",
    "back", "zurueck", "wieder", "vertretung", "vertreten", "erst", "dazwischen", "our", "ueber", "herzlichen", "besten",
}  # fmt: skip
CONNECTING = {
    "bis", "until", "on", "am", "ab", "from", "to", "vom", "von", "zum", "dem", "den", "the", "through", "till", "of", "and", "und", "einschliesslich", "inkl", "at", "in", "im",
}  # fmt: skip
WRAPPED = 42
"""Characters from which on a line may have been wrapped instead of ended."""

LONGEST = 160
"""Tokens of a sentence at most; longer ones are cut, so that comparisons stay bounded."""

OPEN_QUOTES = {"„", "“", '"', "«", "»", "”"}
CLAUSE_SIGNS = {",", ";", "(", ")", "|", "/", "•", "–", "—"}
CLAUSE_WORDS = {
    "und", "and", "aber", "but", "sowie", "dann", "danach", "anschliessend", "then", "oder", "or", "weil", "because", "wenn", "while", "waehrend", "wobei", "sondern",
    "falls", "if", "when", "afterwards", "thereafter", "jedoch", "however", "damit", "dass", "sodass", "so",
}  # fmt: skip


@dataclass(slots=True)
class Sentence:
    """Tokens of one sentence; spans and clauses are (start, end) among them."""

    tokens: list[Token]
    spans: list[Span] = field(default_factory=list)
    quoted: set[int] = field(default_factory=set)
    is_question: bool = False

    def clauses(self) -> list[tuple[int, int]]:
        """Split at commas, brackets, dashes and conjunctions, never inside a date."""
        inside = {at for span in self.spans for at in range(span.start, span.end)}
        found, begin = [], 0
        for at, token in enumerate(self.tokens):
            if at in inside or not self._parts(at):
                continue
            is_sign = token.kind != WORD
            if at > begin:
                found.append((begin, at))
            begin = at + 1 if is_sign else at
        if begin < len(self.tokens):
            found.append((begin, len(self.tokens)))
        return found

    def _parts(self, at: int) -> bool:
        token = self.tokens[at]
        if token.text in CLAUSE_SIGNS:
            return True
        if token.text == "-":
            return not token.glued and (at + 1 == len(self.tokens) or not self.tokens[at + 1].glued)
        if token.text not in CLAUSE_WORDS:
            return False
        return not (token.text in {"und", "and"} and at and self.tokens[at - 1].text in {"bis", "to", "until", "up"})

    def text_of(self, whole: str, start: int, end: int) -> str:
        return whole[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""


def sentences(text: str) -> tuple[str, list[Sentence]]:
    """Return the normalized text and the sentences of its own lines."""
    whole = normalized(text)
    found: list[Sentence] = []
    for block in _blocks(own_lines(whole)):
        found += _sentences_of_block(whole, block)
    return whole, found


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if line.gap and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _sentences_of_block(whole: str, lines: Sequence[Line]) -> Iterator[Sentence]:
    all_tokens: list[Token] = []
    line_starts: dict[int, int] = {}
    for line in lines:
        line_starts[len(all_tokens)] = line.end - line.start
        all_tokens += tokens(whole, line.start, line.end)
    dates = spans(all_tokens)
    inside = {at for span in dates for at in range(span.start, span.end - 1)}
    last_of_date = {span.end - 1 for span in dates}
    lengths = [length for _, length in sorted(line_starts.items())]
    starts = sorted(line_starts)
    ends = set()
    for at in range(len(all_tokens)):
        if at not in inside and _ends(all_tokens, at, at in last_of_date):
            ends.add(at)
    for index, start in enumerate(starts[1:], 1):
        if (
            0 < start < len(all_tokens)
            and start - 1 not in inside
            and _is_new_sentence(all_tokens, start, lengths[index - 1])
        ):
            ends.add(start - 1)
    yield from _cut(all_tokens, dates, _split_long(LONGEST, sorted(ends), len(all_tokens), inside))


def _split_long(longest: int, ends: Sequence[int], count: int, inside: set[int]) -> list[int]:
    """Add ends so that no sentence is longer, none of them inside a date."""
    found: list[int] = []
    last = -1
    for end in [*ends, count - 1]:
        while end - last > longest:
            last += longest
            while last in inside and last < end:
                last += 1
            found.append(last)
        if end > last:
            found.append(end)
            last = end
    return found


def _cut(all_tokens: list[Token], dates: Sequence[Span], ends: Sequence[int]) -> Iterator[Sentence]:
    begin, used = 0, 0
    quoted = _quoted(all_tokens)
    for end in [*ends, len(all_tokens) - 1]:
        if end < begin:
            continue
        part = all_tokens[begin : end + 1]
        found = []
        while used < len(dates) and dates[used].start <= end:
            span = dates[used]
            used += 1
            if span.start >= begin and span.start not in quoted:
                found.append(
                    Span(span.start - begin, min(span.end, end + 1) - begin, span.last, span.first, span.is_range)
                )
        yield Sentence(part, found, {at - begin for at in range(begin, end + 1) if at in quoted}, part[-1].text == "?")
        begin = end + 1


def _ends(all_tokens: Sequence[Token], at: int, is_date: bool) -> bool:
    token = all_tokens[at]
    if token.text in {"!", "?", "•"}:
        return True
    if token.text != ".":
        return False
    if at + 1 == len(all_tokens):
        return True
    following = all_tokens[at + 1]
    if following.glued:
        return False
    before = all_tokens[at - 1] if at else token
    if is_date or before.kind == NUMBER:
        return following.capital and following.text in STARTERS
    return not (
        before.kind == WORD
        and before.text in ABBREVIATIONS
        and not (
            following.capital
            and following.text in STARTERS
            and len(before.text) > 1
            and before.text not in {"dr", "prof", "mr", "mrs", "hr", "fr"}
        )
    )


def _is_new_sentence(all_tokens: Sequence[Token], start: int, length_before: int) -> bool:
    """Return whether a new line is a new sentence: not where the line before was long enough to be wrapped, or cannot end there."""
    before, first = all_tokens[start - 1], all_tokens[start]
    if first.text in {"-", "•", "*", "–"}:
        return True
    if before.text in CONNECTING or before.text == ",":
        return (
            before.text == ","
            and first.capital
            and first.text in {"ich", "vielen", "danke", "thank", "i", "thanks", "i'm"}
        )
    if first.kind == WORD and not first.capital:
        return False
    return length_before < WRAPPED or before.text in {".", ":"} and first.text in STARTERS


def _quoted(all_tokens: Sequence[Token]) -> set[int]:
    """Return the tokens between quotation marks."""
    found: set[int] = set()
    opened: int | None = None
    for at, token in enumerate(all_tokens):
        if token.text not in OPEN_QUOTES:
            continue
        if opened is None:
            opened = at
        else:
            found.update(range(opened, at + 1))
            opened = None
    return found
