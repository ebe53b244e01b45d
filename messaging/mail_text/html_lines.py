"""Lines of HTML as a person sees them, with what the HTML says of quotes; and those lines as a text."""

import re
from collections import Counter

from .elements import BLOCKS, HEADINGS, VOID, OpenElements
from .html_marks import Effect, effect
from .limits import MAX_DEPTH, MAX_LINK, MAX_QUOTE_LEVEL
from .lines import INVISIBLE, Line, Mark, bounded, joined
from .tokens import Kind, attributes, decoded, tokens

BLANKS = re.compile(r"[ \t\r\n\f]+")
APART = frozenset({"p", "ul", "ol", "dl", "pre", "table", "blockquote", *HEADINGS})
"""Blocks with a blank line around them, unless they are a list within a list or a paragraph without a margin."""
NO_MARGIN = ("mso", "margin:0", "margin: 0", "margin-top:0", "margin-bottom:0")
NO_BLOCKS = frozenset({"td", "th", "html", "body", "tbody", "thead", "tfoot", "colgroup"})
LINKS = ("http://", "https://", "mailto:")
MAX_EMOJI = 8
ADDRESS = re.compile(r"<(?:[^\s=@<>]{1,80}+@[^\s=@<>]{1,200}+|https?://[^\s=<>]{1,400}+)>\Z")
"""In angle brackets that nobody escaped."""
LETTER = re.compile(r"[^\W\d_]")
EFFECTS = (Effect.QUOTED, Effect.INDENTED, Effect.ATTRIBUTION, Effect.HIDDEN, Effect.PREFORMATTED)
MARKS = ((Effect.QUOTED, Mark.QUOTED), (Effect.ATTRIBUTION, Mark.ATTRIBUTION), (Effect.INDENTED, Mark.INDENTED))


def html_to_text(html: str) -> str:
    """Return the text of HTML, with links, lists and quotes (`> `) readable. Never raises."""
    return joined(line.shown for line in html_lines(bounded(html)[0]))


def html_lines(html: str) -> list[Line]:
    """Return the lines of HTML. What is hidden is left out, unless everything is."""
    lines = _Renderer().render(html)
    if not any(line.text.strip(INVISIBLE) for line in lines):
        return _Renderer(shows_hidden=True).render(html)
    return lines


class _Element:
    """What is undone when an element closes."""

    __slots__ = ("effect", "href", "is_apart", "place")

    def __init__(self, effect: Effect, is_apart: bool = False, href: str = "", place: tuple[int, int] = (0, 0)) -> None:
        self.effect = effect
        self.is_apart = is_apart
        self.href = href
        self.place = place


PLAIN = _Element(Effect.NONE)


class _Renderer:
    def __init__(self, *, shows_hidden: bool = False) -> None:
        self.shows_hidden = shows_hidden
        self.lines: list[Line] = []
        self.open: OpenElements[_Element] = OpenElements()
        self.too_deep: Counter[str] = Counter()
        self.active = dict.fromkeys(EFFECTS, 0)
        self.parts: list[str] = []
        self.ends_in_blank = True
        self.lists: list[int | None] = []
        """Of each list that is open: the number of its next item, None where they have dots."""
        self.item = ""
        """What stands before the next text: the dot or number of a list's item."""

    def render(self, html: str) -> list[Line]:
        for token in tokens(html):
            if token.kind is Kind.TEXT:
                self._text(token.raw)
            elif token.kind is Kind.START:
                self._start(token.name, token.raw)
            elif self.too_deep[token.name]:
                self.too_deep[token.name] -= 1
            elif (depth := self.open.ended(token.name)) is not None:
                self._close_to(depth)
        self._close_to(0)
        self._flush()
        return self.lines

    def _text(self, raw: str) -> None:
        if self.active[Effect.HIDDEN] and not self.shows_hidden:
            return
        text = decoded(raw)
        if self.active[Effect.PREFORMATTED]:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._write(first)
            for line in others:
                self._break()
                self._write(line)
            return
        text = BLANKS.sub(" ", text)
        self._write(text[1:] if self.ends_in_blank and text[:1] == " " else text)

    def _write(self, text: str) -> None:
        if not text:
            return
        if self.item and text.strip(INVISIBLE):
            self.parts.append(self.item)
            self.item = ""
        self.parts.append(text)
        self.ends_in_blank = text[-1] == " "

    def _break(self) -> None:
        """End the line, and be it empty."""
        self.lines.append(self._line())

    def _flush(self) -> None:
        """End the line if anything is in it."""
        if self.parts:
            self.lines.append(self._line())

    def _line(self) -> Line:
        text = "".join(self.parts).replace("\xa0", " ").rstrip()
        self.parts, self.ends_in_blank = [], True
        mark = next((mark for effect, mark in MARKS if self.active[effect]), Mark.PLAIN)
        return Line(text, mark, min(self.active[Effect.QUOTED], MAX_QUOTE_LEVEL))

    def _space(self) -> None:
        """Leave a blank line before what comes, once."""
        self._flush()
        if self.lines and self.lines[-1].text:
            self.lines.append(self._line())

    def _start(self, name: str, raw: str) -> None:
        if (depth := self.open.implied(name)) is not None:
            self._close_to(depth)
        if name == "br":
            self._break()
        elif name == "img":
            self._picture(raw)
        elif name == "hr":
            self._flush()
        elif ADDRESS.match(raw):
            self._text(raw)
        elif len(self.open) < MAX_DEPTH and name not in VOID:
            self._open(name, raw)
        elif name not in VOID:
            self.too_deep[name] += 1
            if name in BLOCKS:
                self._flush()

    def _open(self, name: str, raw: str) -> None:
        done = effect(name, raw) if "=" in raw or " " in raw or name in ("pre", "blockquote") else Effect.NONE
        is_apart = False
        if name in ("td", "th"):
            self._cell()
        elif name in BLOCKS and name not in NO_BLOCKS:
            is_apart = self._is_apart(name, raw)
            self._space() if is_apart else self._flush()
        if name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else None)
        elif name == "li":
            self._begin_item()
        if name == "a":
            element = _Element(done, href=self._address(raw), place=(len(self.lines), len(self.parts)))
        else:
            element = _Element(done, is_apart) if done or is_apart else PLAIN
        if done & (Effect.OPENER | Effect.FORWARD) and not self.active[Effect.QUOTED]:
            self._flush()
            self.lines.append(Line("", Mark.OPENER if done & Effect.OPENER else Mark.FORWARD))
        if done & (Effect.QUOTED | Effect.ATTRIBUTION):
            self._flush()
        for each in EFFECTS:
            self.active[each] += bool(done & each)
        self.open.push(name, element)

    def _is_apart(self, name: str, raw: str) -> bool:
        if name in ("ul", "ol"):
            return not self.lists
        if name == "p" and "=" in raw:
            lower = raw.lower()
            return not any(word in lower for word in NO_MARGIN)
        return name in APART and self.open.last("table") < 0

    def _cell(self) -> None:
        if self.parts and not self.ends_in_blank:
            self._write(" ")

    def _begin_item(self) -> None:
        indent = "  " * min(max(len(self.lists) - 1, 0), MAX_QUOTE_LEVEL)
        number = self.lists[-1] if self.lists else None
        self.item = f"{indent}- " if number is None else f"{indent}{number}. "
        if number is not None:
            self.lists[-1] = number + 1

    def _picture(self, raw: str) -> None:
        """An emoji that is a picture is written as its character; other pictures are none of the text."""
        alt = attributes(raw).get("alt", "")
        if 0 < len(alt) <= MAX_EMOJI and not alt.isascii() and not LETTER.search(alt):
            self._text(alt)

    def _address(self, raw: str) -> str:
        href = attributes(raw).get("href", "").strip()
        return href if len(href) <= MAX_LINK and href.lower().startswith(LINKS) else ""

    def _close_to(self, depth: int) -> None:
        for name, element in self.open.pop_to(depth):
            if name == "a" and element.href:
                self._link(element)
            if name in BLOCKS and name not in NO_BLOCKS:
                self._space() if element.is_apart else self._flush()
            if element.effect:
                self._flush()
                for each in EFFECTS:
                    self.active[each] -= bool(element.effect & each)
            if name in ("ul", "ol") and self.lists:
                self.lists.pop()
            elif name == "li":
                self.item = ""

    def _link(self, element: _Element) -> None:
        """Write the address behind its label, where that says something else."""
        line, part = element.place
        if line != len(self.lines) or (self.active[Effect.HIDDEN] and not self.shows_hidden):
            return
        label = "".join(self.parts[part:]).strip(INVISIBLE)
        if label and _bare(label) != _bare(element.href) and "<" not in element.href:
            self.parts.append(f" <{element.href}>")
            self.ends_in_blank = False


def _bare(address: str) -> str:
    for start in LINKS:
        address = address.removeprefix(start)
    return address.strip().removeprefix("www.").rstrip("/").lower()
