"""Rewrite hostile HTML for parsers: allowed tags only, properly nested, of limited depth.

Every parser reads the result in linear time. The result is not safe yet, nh3 makes it so afterwards; this step prevents the cases in which
nh3 0.3 is slow or its output long: depth, thousands of attributes, formatting elements that HTML reopens in each block (`<b 1><b
2>…<p>x<p>x`), tables with text between cells.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from html import escape

from .elements import SECTIONS, VOID, OpenElements
from .limits import CUT, MAX_ATTRIBUTE, MAX_DEPTH, MAX_ESCAPES, MAX_OUTPUT
from .tokens import START, TEXT, attributes, decoded, tokens

IN_TABLE = ("table", "tbody", "thead", "tfoot")
TABLE_PARTS = frozenset({*SECTIONS, "tr", "td", "th", "col"})
ROOM_FOR_TABLE = 4
"""Depth reserved for a table, so that its section, row and cell fit within the limit."""

ROOM_FOR_MARK = 1_000
NO_BREAK = len("&nbsp;") - 1
"""Characters that the sanitizer adds for a no-break space, which it writes as a reference."""

PART = 10_000
"""Characters of a text that are written at once, so that most of a long text is kept when the output limit is reached."""

ADDED = {"a": 60}
"""Characters that a sanitizer adds to a tag: `rel` and `target`."""


class OutputLimitReached(Exception):
    """Raised when the output has reached its limit."""


def balanced(html: str, tags: Set[str], allowed: Mapping[str, Set[str]]) -> str:
    """Return the HTML reduced to these tags and, by tag or `*`, these attributes. Parts over a limit are cut with a mark."""
    writer = _Writer(tags, allowed)
    try:
        for kind, raw, name in tokens(html):
            if kind == TEXT:
                writer.text(raw)
            elif name not in tags:
                continue
            elif kind == START:
                writer.start(name, raw)
            else:
                writer.end(name)
    except OutputLimitReached:
        writer.close_to(0)
        writer.pieces.append(f"<p>{CUT}</p>" if "p" in tags else CUT)
    writer.close_to(0)
    return "".join(writer.pieces)


class _Writer:
    def __init__(self, tags: Set[str], allowed: Mapping[str, Set[str]]) -> None:
        self.tags = tags
        everywhere = allowed.get("*", frozenset())
        self.allowed = {tag: allowed.get(tag, frozenset()) | everywhere for tag in tags}
        self.pieces: list[str] = []
        self.open: OpenElements[None] = OpenElements()
        self.too_deep: Counter[str] = Counter()
        self.size = self.escapes = 0

    def close_to(self, depth: int) -> None:
        for name, _ in self.open.pop_to(depth):
            self.pieces.append(f"</{name}>")
            self.escapes = 0

    def start(self, name: str, raw: str) -> None:
        if name in TABLE_PARTS:
            if self.open.last(("table",)) < 0:
                return
        elif self.open.top == "tr" or self.open.top in IN_TABLE:
            self._open_cell()
        if (depth := self.open.implied(name)) is not None:
            self.close_to(depth)
        if name in ("td", "th") and self.open.top != "tr":
            self._put("tr", "<tr>")
        if name in VOID:
            self._emit(name, self._tag(name, raw))
        elif len(self.open) < MAX_DEPTH - (ROOM_FOR_TABLE if name == "table" else 0):
            self._put(name, self._tag(name, raw))
        else:
            self.too_deep[name] += 1

    def _open_cell(self) -> None:
        """Open a table cell for text between cells, which HTML would move in front of the table."""
        if self.open.top != "tr":
            self._put("tr", "<tr>")
        self._put("td", "<td>")

    def end(self, name: str) -> None:
        if self.too_deep[name]:
            self.too_deep[name] -= 1
        elif (depth := self.open.ended(name)) is not None:
            self.close_to(depth)

    def _put(self, name: str, tag: str) -> None:
        self._emit(name, tag)
        self.open.push(name, None)
        self.size += len(name) + 3

    def _emit(self, name: str, tag: str) -> None:
        self.escapes = 0
        self._take(tag, ADDED.get(name, 0))

    def _tag(self, name: str, raw: str) -> str:
        if "=" not in raw:
            return f"<{name}>"
        names = self.allowed[name]
        kept = (
            f' {key}="{escape(value)}"'
            for key, value in attributes(raw).items()
            if key in names and len(value) <= MAX_ATTRIBUTE
        )
        return f"<{name}{''.join(kept)}>"

    def text(self, raw: str) -> None:
        if self.open.top in IN_TABLE or self.open.top == "tr":
            if not raw.strip():
                return
            self._open_cell()
        text = decoded(raw)
        escapes = text.count("&") + text.count("\xa0")
        if self.escapes + escapes <= MAX_ESCAPES:
            self.escapes += escapes
            for part in _parts(text, PART):
                self._take(escape(part, quote=False), NO_BREAK * part.count("\xa0"))
            return
        for part in _parts(text, MAX_ESCAPES):  # nh3 0.3 is quadratic in such characters of one text node
            self._take(escape(part, quote=False), NO_BREAK * part.count("\xa0"))
            self._emit("wbr", "<wbr>" if "wbr" in self.tags else "<br>")

    def _take(self, piece: str, more: int = 0) -> None:
        self.size += len(piece) + more
        if self.size > MAX_OUTPUT - ROOM_FOR_MARK:
            raise OutputLimitReached
        self.pieces.append(piece)


def _parts(text: str, size: int) -> Iterator[str]:
    for at in range(0, len(text), size):
        yield text[at : at + size]
