"""Convert HTML of a mail to its visible lines, marking quoted ones, and to plain text."""

import re
from collections import Counter
from typing import NamedTuple

from . import html_marks as marks
from .elements import BLOCKS, HEADINGS, VOID, OpenElements
from .limits import MAX_DEPTH, MAX_LINES, MAX_LINK, MAX_QUOTE_LEVEL
from .lines import INVISIBLE, Line, Mark, bounded, joined
from .tokens import START, TEXT, attributes, decoded, tokens

BLANKS = re.compile(r"[ \t\r\n\f]+")
APART = frozenset({"p", "ul", "ol", "dl", "pre", "table", "blockquote", *HEADINGS})
"""Elements with a blank line before and after, except a list within a list and a paragraph without a margin."""
NO_MARGIN = ("mso", "margin:0", "margin: 0", "margin-top:0", "margin-bottom:0")
SHOWN_BLOCKS = BLOCKS - {"td", "th", "html", "body", "tbody", "thead", "tfoot", "colgroup"}
"""Elements that begin a new line."""
LINKS = ("http://", "https://", "mailto:")
MAX_EMOJI = 8
ADDRESS = re.compile(r"<(?:[^\s=@<>]{1,80}+@[^\s=@<>]{1,200}+|https?://[^\s=<>]{1,400}+)>\Z")
"""Pattern of an email address or URL in unescaped angle brackets, which is no tag."""
LETTER = re.compile(r"[^\W\d_]")
EFFECTS = (marks.QUOTED, marks.INDENTED, marks.ATTRIBUTION, marks.HIDDEN, marks.PREFORMATTED, marks.CONTAINER)
MARKS = (
    (marks.CONTAINER, Mark.CONTAINER),
    (marks.QUOTED, Mark.QUOTED),
    (marks.ATTRIBUTION, Mark.ATTRIBUTION),
    (marks.INDENTED, Mark.INDENTED),
)


def html_to_text(html: str) -> str:
    """Return the text of HTML, with links, lists and quotes (`> `) readable. Never raises."""
    return joined(line.shown for line in html_lines(bounded(html)[0]))


def html_lines(html: str) -> list[Line]:
    """Return the visible lines of HTML; hidden ones only if everything is hidden."""
    renderer = _Renderer()
    lines = renderer.render(html)
    if renderer.has_hidden and not any(line.text.strip(INVISIBLE) for line in lines):
        return _Renderer(shows_hidden=True).render(html)
    return lines


class _Element(NamedTuple):
    """State to restore when an element closes."""

    effect: int = marks.NONE
    is_apart: bool = False
    href: str = ""
    place: tuple[int, int] = (0, 0)
    """Position at which a link's label begins: line, and part of the line."""


PLAIN, APART_ELEMENT = _Element(), _Element(is_apart=True)


class _Renderer:
    def __init__(self, *, shows_hidden: bool = False) -> None:
        self.shows_hidden = shows_hidden
        self.has_hidden = False
        self.lines: list[Line] = []
        self.open: OpenElements[_Element] = OpenElements()
        self.too_deep: Counter[str] = Counter()
        self.active = dict.fromkeys(EFFECTS, 0)
        """Number of open elements by effect."""
        self.mark = Mark.PLAIN
        self.parts: list[str] = []
        self.ends_in_blank = True
        self.lists: list[int | None] = []
        """For each open list the number of its next item, None for a list with dots."""
        self.item = ""
        """Text to write before the next one: the dot or number of a list item."""

    def render(self, html: str) -> list[Line]:
        for kind, raw, name in tokens(html):
            if kind == TEXT:
                self._text(raw)
            elif kind == START:
                self._start(name, raw)
            elif self.too_deep[name]:
                self.too_deep[name] -= 1
            elif (depth := self.open.ended(name)) is not None:
                self._close_to(depth)
        self._close_to(0)
        self._flush()
        return self.lines

    def _text(self, raw: str) -> None:
        if self.active[marks.HIDDEN] and not self.shows_hidden:
            self.has_hidden = True
            return
        text = decoded(raw)
        if self.active[marks.PREFORMATTED] and len(self.lines) < MAX_LINES:
            first, *others = text.replace("\r\n", "\n").split("\n", MAX_LINES)
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
        """End the line, also if it is empty."""
        text = "".join(self.parts).replace("\xa0", " ").rstrip() if self.parts else ""
        self.parts.clear()
        self.ends_in_blank = True
        self.lines.append(Line(text, self.mark, self.active[marks.QUOTED]))

    def _flush(self) -> None:
        """End the line unless it is empty."""
        if self.parts:
            self._break()

    def _space(self) -> None:
        """Insert one blank line before the following text."""
        if self.parts:
            self._break()
        if self.lines and self.lines[-1].text:
            self._break()

    def _start(self, name: str, raw: str) -> None:
        if (depth := self.open.implied(name)) is not None:
            self._close_to(depth)
        if name == "br":
            self._break()
        elif name == "img":
            self._picture(raw)
        elif name in VOID:
            self._flush()
        elif len(self.open) >= MAX_DEPTH:
            self.too_deep[name] += 1
            if name in BLOCKS:
                self._flush()
        elif ADDRESS.match(raw):
            self._text(raw)
        else:
            self._open(name, raw)

    def _open(self, name: str, raw: str) -> None:
        is_apart = False
        if name in ("td", "th"):
            self._cell()
        elif name in SHOWN_BLOCKS:
            is_apart = self._is_apart(name, raw)
            self._space() if is_apart else self._flush()
            self._list(name)
        if len(raw) > len(name) + 2 or name in ("pre", "blockquote"):
            self._open_marked(name, raw, is_apart)
        else:
            self.open.push(name, APART_ELEMENT if is_apart else PLAIN)

    def _open_marked(self, name: str, raw: str, is_apart: bool) -> None:
        """Open an element that has attributes."""
        effect = marks.effect(name, raw)
        href = self._address(raw) if name == "a" else ""
        self.open.push(name, _Element(effect, is_apart, href, (len(self.lines), len(self.parts))))
        if effect:
            self._flush()
            if effect & (marks.OPENER | marks.FORWARD) and not self.active[marks.QUOTED]:
                self.lines.append(Line("", Mark.OPENER if effect & marks.OPENER else Mark.FORWARD))
            elif effect & marks.QUOTED and not self.active[marks.QUOTED]:
                mark = Mark.CONTAINER if effect & marks.CONTAINER else Mark.QUOTED
                self.lines.append(Line("", mark))  # somebody may have emptied it
            self._change(effect, 1)

    def _change(self, effect: int, by: int) -> None:
        for each in EFFECTS:
            if effect & each:
                self.active[each] += by
        self.mark = next((mark for each, mark in MARKS if self.active[each]), Mark.PLAIN)

    def _is_apart(self, name: str, raw: str) -> bool:
        if name not in APART or (name in ("ul", "ol") and self.lists):
            return False
        if name == "p" and len(raw) > len("<p>"):
            lower = raw.lower()
            return not any(word in lower for word in NO_MARGIN)
        return self.open.last(("table",)) < 0

    def _cell(self) -> None:
        if self.parts and not self.ends_in_blank:
            self._write(" ")

    def _list(self, name: str) -> None:
        if name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else None)
        elif name == "li":
            indent = "  " * min(max(len(self.lists) - 1, 0), MAX_QUOTE_LEVEL)
            number = self.lists[-1] if self.lists else None
            self.item = f"{indent}- " if number is None else f"{indent}{number}. "
            if number is not None:
                self.lists[-1] = number + 1

    def _picture(self, raw: str) -> None:
        """Write an emoji that is an image as its character; other images are left out."""
        alt = attributes(raw).get("alt", "")
        if 0 < len(alt) <= MAX_EMOJI and not alt.isascii() and not LETTER.search(alt):
            self._text(alt)

    def _address(self, raw: str) -> str:
        href = attributes(raw).get("href", "").strip()
        return href if len(href) <= MAX_LINK and href.lower().startswith(LINKS) else ""

    def _close_to(self, depth: int) -> None:
        for name, element in self.open.pop_to(depth):
            if element.href:
                self._link(element)
            if element.is_apart:
                self._space()
            elif name in SHOWN_BLOCKS or element.effect:
                self._flush()
            if element.effect:
                self._change(element.effect, -1)
            if name == "li":
                self.item = ""
            elif name in ("ul", "ol"):
                self.lists.pop()

    def _link(self, element: _Element) -> None:
        """Write a link's address behind its label, if the label is different."""
        line, part = element.place
        if line != len(self.lines) or (self.active[marks.HIDDEN] and not self.shows_hidden):
            return
        label = "".join(self.parts[part:]).strip(INVISIBLE)
        if label and _bare(label) != _bare(element.href) and "<" not in element.href:
            self.parts.append(f" <{element.href}>")
            self.ends_in_blank = False


def _bare(address: str) -> str:
    for start in LINKS:
        address = address.removeprefix(start)
    return address.strip().removeprefix("www.").rstrip("/").lower()
