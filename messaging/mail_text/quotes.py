"""Remove the quoted mail from a reply and keep all of the person's own words: a state machine.

Quoted lines that are marked as such (`>`, a citing blockquote) are removed one by one, so that answers between and below them stay. Where a
program quotes without marks, everything from its `On … wrote:` or block of headers is removed, unless words of the person could be lost: in
a forwarded mail, in one with nothing above the quote, and in one that announces answers below, everything stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from . import openers
from .announcements import announces_answers, says_something
from .limits import MAX_CANDIDATES, MAX_OPENER, MAX_OPENER_LINES
from .lines import INVISIBLE, Line, Mark, joined
from .openers import Strength

MARKED = (Mark.QUOTED, Mark.INDENTED, Mark.CONTAINER)


class Method(StrEnum):
    """Method by which the quote of a text was cut off."""

    WHOLE = "whole"
    """Nothing was cut: there is no quote."""
    MARKED = "marked"
    """Lines marked as quoted were removed."""
    REST = "rest"
    """Everything from the beginning of an unmarked quote was cut off."""
    FORWARD = "forward"
    """Kept, because the mail is forwarded."""
    UNSURE = "unsure"
    """Kept, because words of the person could be lost."""


@dataclass(slots=True)
class Cut:
    """A text split into the person's own words and the removed quote."""

    own: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    method: Method = Method.WHOLE
    is_structural: bool = False
    """Whether marks in the HTML decided, which a person's sentence cannot resemble."""
    has_container: bool = False
    """Whether one of these marks is a container, which may hold typed words beside the quoted mail."""

    @property
    def text(self) -> str:
        return joined(self.own)

    @property
    def has_words(self) -> bool:
        """Return whether there is more than a greeting and a phone's signature."""
        stripped = (line.strip(INVISIBLE) for line in self.own)
        return says_something(line for line in stripped if line.strip(openers.RULE + openers.AROUND))


def cut(lines: Sequence[Line], *, is_forward: bool = False) -> Cut:
    """Split a mail's lines into the person's own and the quoted ones. `is_forward`: its subject marks it as forwarded."""
    return _Reader(lines, is_forward).read()


class _Reader:
    """One pass over the lines. Each step takes a line or a whole quote and returns the next position; None: it does not apply."""

    def __init__(self, lines: Sequence[Line], is_forward: bool) -> None:
        self.lines = lines
        self.is_forward = is_forward
        self.stripped = [line.text.strip(INVISIBLE) for line in lines]
        self.done = Cut()
        self.candidates = 0
        self.is_introduced = False
        """Whether a quote begins with the next line that is not blank."""
        self.has_opener = False
        self.above: int | None = None
        """Number of own lines above the first removed one."""
        self.has_announced: bool | None = None
        """Whether the words above the first container announce answers."""
        self.last = next((at for at in range(len(lines) - 1, -1, -1) if self.stripped[at]), -1)
        """The last line with text."""

    def read(self) -> Cut:
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        return self._whole() if self._is_in_the_quote() else self.done

    def _is_in_the_quote(self) -> bool:
        """Return whether the person's answers may be inside the removed lines: announced, or nothing else is left."""
        own = self.done.own
        if self.done.method is not Method.MARKED or any(line.strip(INVISIBLE) for line in own[self.above :]):
            return False
        if not any(line.strip(INVISIBLE) for line in own):
            return not self.has_opener and not self.done.is_structural
        return announces_answers(own)

    def _whole(self) -> Cut:
        return Cut([line.shown for line in self.lines], method=Method.UNSURE)

    def _step(self, at: int) -> int:
        text, mark = self.stripped[at], self.lines[at].mark
        if mark and (end := self._marked(at, mark)) is not None:
            return end
        if not text:
            return self._keep(at)
        if text[0] == ">":
            return self._quote(at)
        self.is_introduced = False
        if self._is_candidate(text) and (end := self._opener(at, text)) is not None:
            return end
        return self._keep(at)

    def _keep(self, at: int) -> int:
        self.done.own.append(self.lines[at].shown)
        return at + 1

    def _is_candidate(self, text: str) -> bool:
        """Return whether a line can begin a quote at all: a cheap test that decides nearly every line and limits hostile ones."""
        if len(text) > MAX_OPENER and not text.startswith("----"):
            return False
        if not (":" in text[:30] or text[0] in openers.RULE or openers.ends_in_colon(text)):
            return False
        self.candidates += 1
        return self.candidates <= MAX_CANDIDATES

    def _marked(self, at: int, mark: Mark) -> int | None:
        """Handle a line that the HTML marks."""
        if mark is Mark.FORWARD:
            return self._keep_rest(at, Method.FORWARD)
        if mark is Mark.OPENER:
            return self._cut_off(at, is_structural=True)
        if mark is Mark.ATTRIBUTION and self.stripped[at]:
            return self._attribution_element(at)
        if mark is Mark.CONTAINER:
            return self._container(at)
        if mark is Mark.QUOTED or (mark is Mark.INDENTED and self.is_introduced and self.stripped[at]):
            return self._quote(at, is_structural=mark is Mark.QUOTED)
        return None

    def _container(self, at: int) -> int:
        """Remove an element with the quoted mail, unless the person's words can only be inside it."""
        end = at
        while end < len(self.lines) and self.lines[end].mark is Mark.CONTAINER:
            end += 1
        if self.is_forward or self._begins_as_forward(at, end):
            return self._keep_rest(at, Method.FORWARD)
        if self.has_announced is None:  # once: there may be thousands of such elements
            self.has_announced = announces_answers(self.done.own)
        is_last = at <= self.last < end  # of all that has text
        if self.has_announced or (is_last and not self.done.has_words):
            for kept in range(at, end):
                self._keep(kept)
            self.done.method = Method.UNSURE
            return end
        self.is_introduced = False
        self.done.is_structural = self.done.has_container = True
        self._remove(at, end)
        return end

    def _attribution_element(self, at: int) -> int | None:
        end = at
        while end < len(self.lines) and self.lines[end].mark is Mark.ATTRIBUTION:
            if openers.is_forward(self.stripped[end]):
                return self._keep_rest(at, Method.FORWARD)
            end += 1
        return self._handle_introduction(at, end, Strength.STRONG, is_structural=True)

    def _opener(self, at: int, text: str) -> int | None:
        """Handle a line that introduces a quoted or forwarded mail."""
        if openers.is_forward(text):
            return self._keep_rest(at, Method.FORWARD)
        if openers.is_original(text):
            return self._handle_introduction(at, self._end_of_headers(at + 1), Strength.STRONG)
        if openers.begins_original(text):
            return self._cut_off(at)
        if inner := openers.between_dashes(text):
            _, strength = openers.attribution([inner])
            if strength > Strength.WITHIN:
                return self._handle_introduction(at, at + 1, strength)
        if openers.ends_in_colon(text):
            count, strength = openers.attribution(self._tail(at))
            if strength is Strength.WITHIN:
                return self._handle_introduction_within(at)
            if strength:
                return self._handle_introduction(at, at + 1, strength, kept=count - 1)
        if openers.begins_headers(text):
            end, is_of_a_mail = openers.header_block(self.stripped, at)
            if is_of_a_mail and self.last >= end:  # with nothing below it there is no quote
                return self._handle_introduction(at, end, Strength.STRONG)
        return None

    def _tail(self, at: int) -> list[str]:
        """Return the line and the kept lines right above it."""
        start = at
        while start > 0 and at - start < MAX_OPENER_LINES - 1 and self._is_own(start - 1):
            start -= 1
        return self.stripped[start : at + 1]

    def _is_own(self, at: int) -> bool:
        text = self.stripped[at]
        return bool(text) and text[0] != ">" and self.lines[at].mark is Mark.PLAIN

    def _end_of_headers(self, at: int) -> int:
        while at < len(self.lines) and not self.stripped[at]:
            at += 1
        end, _ = openers.header_block(self.stripped, at)
        return max(at, end)

    def _handle_introduction(
        self, at: int, end: int, strength: Strength, *, kept: int = 0, is_structural: bool = False
    ) -> int | None:
        """Handle an introduction from `at` to `end`, with the `kept` lines above that belong to it: either marked lines follow, or the rest
        is the quote.
        """
        below = end
        while below < len(self.lines) and not self.stripped[below] and self.lines[below].mark is Mark.PLAIN:
            below += 1
        if below < len(self.lines) and not self._is_marked(below):
            return self._cut_off(at, kept=kept, is_structural=is_structural) if strength is Strength.STRONG else None
        if below == len(self.lines) and strength is Strength.WEAK:
            return None
        self._take_back(kept)
        self._drop_rule()
        self.is_introduced = self.has_opener = True
        self.done.is_structural |= is_structural
        self._remove(at - kept, end)
        return end

    def _handle_introduction_within(self, at: int) -> int | None:
        """Keep a line of the person's own that ends like an introduction and is followed by marked lines, which are a quote."""
        below = at + 1
        while below < len(self.lines) and not self.stripped[below] and self.lines[below].mark is Mark.PLAIN:
            below += 1
        if below == len(self.lines) or not self._is_marked(below):
            return None
        self._keep(at)
        self.is_introduced = self.has_opener = True
        return at + 1

    def _is_marked(self, at: int) -> bool:
        return self.stripped[at][:1] == ">" or self.lines[at].mark in MARKED

    def _quote(self, at: int, is_structural: bool = False) -> int:
        """Remove consecutive marked lines, blank ones between them included."""
        end = last = at
        while end < len(self.lines):
            if self._is_quoted(end):
                last = end = end + 1
            elif not self.stripped[end] and self.lines[end].mark is Mark.PLAIN:
                end += 1
            else:
                break
        if self.is_forward or self._begins_as_forward(at, last):
            return self._keep_rest(at, Method.FORWARD)
        if not is_structural and not self.has_opener and not self._is_quote(at, last):
            for kept in range(at, last):
                self._keep(kept)
            return last
        self.is_introduced = False
        self.done.is_structural |= is_structural
        self._remove(at, last)
        return last

    def _is_quoted(self, at: int) -> bool:
        mark = self.lines[at].mark
        return (
            mark is Mark.QUOTED
            or (mark is Mark.PLAIN and self.stripped[at][:1] == ">")
            or (mark is Mark.INDENTED and (self.is_introduced or self.stripped[at][:1] == ">"))
        )

    def _begins_as_forward(self, at: int, end: int) -> bool:
        """Return whether a quote begins as a forwarded mail; Apple marks those as quotes."""
        first = next(
            (line for line in (text.lstrip("> ") for text in self.stripped[at : min(end, at + 8)]) if line), ""
        )
        return not self.has_opener and openers.is_forward(first)

    def _is_quote(self, at: int, end: int) -> bool:
        """Return whether lines that begin with > are a quote although nothing introduces them; people also write `> 500` and lists."""
        texts = [text for text in self.stripped[at:end] if text]
        heads = [text.lstrip("> ") for text in texts[:MAX_OPENER_LINES]]
        if any(
            openers.attribution(heads[: count + 1])[1]
            for count, head in enumerate(heads)
            if openers.ends_in_colon(head)
        ):
            self.has_opener = True
            return True
        above = next((line for line in reversed(self.done.own[-2:]) if line.strip(INVISIBLE)), "").rstrip(INVISIBLE)
        if openers.ends_in_colon(above):
            return False
        if any(text.endswith("<") for text in texts):  # >> Please hurry <<
            return False
        if len(texts) > 1:
            return not self._is_list(at, end)
        inner = texts[0].lstrip(">")
        marks, inner = len(texts[0]) - len(inner), inner.strip()
        if not inner:
            return True
        is_amid = bool(self.done.own and self.done.own[-1]) and end < len(self.lines) and bool(self.stripped[end])
        return not (texts[0].startswith(">From ") or inner[0].isdigit() or marks > 2 or is_amid)

    def _is_list(self, at: int, end: int) -> bool:
        """Return whether lines that begin with > are a list: numbers and amounts only, or separated by blank lines."""
        texts = [text for text in self.stripped[at:end] if text]
        if all(text[:2] != ">>" and text.lstrip("> ")[:1].isdigit() for text in texts):
            return True
        return not any(self.stripped[here] and self.stripped[here + 1] for here in range(at, end - 1))

    def _cut_off(self, at: int, *, kept: int = 0, is_structural: bool = False) -> int:
        """Remove the rest as the quote, or keep it where words of the person could be lost."""
        self._take_back(kept)
        at -= kept
        if self.is_forward:
            return self._keep_rest(at, Method.FORWARD)
        if not self.done.has_words or announces_answers(self.done.own):
            return self._keep_rest(at, Method.UNSURE)
        self._drop_rule()
        self.done.is_structural |= is_structural
        self._remove(at, len(self.lines))
        self.done.method = Method.REST
        return len(self.lines)

    def _keep_rest(self, at: int, method: Method) -> int:
        self.done.own += (line.shown for line in self.lines[at:])
        self.done.method = method
        return len(self.lines)

    def _take_back(self, count: int) -> None:
        if count:
            del self.done.own[-count:]

    def _drop_rule(self) -> None:
        own = self.done.own
        while own and (not own[-1].strip(INVISIBLE) or openers.is_rule(own[-1].strip(INVISIBLE))):
            own.pop()
        own.append("")

    def _remove(self, at: int, end: int) -> None:
        if self.above is None:
            self.above = len(self.done.own)
        self.done.removed += (line.text for line in self.lines[at:end])
        if self.done.method is Method.WHOLE:
            self.done.method = Method.MARKED
