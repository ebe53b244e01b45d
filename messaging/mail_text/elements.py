"""Stack of open HTML elements while a mail is read from left to right, with HTML's implied end tags.

Each step costs the same at any depth.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "html", "li", "main", "menu", "nav", "ol", "p",
        "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *HEADINGS,
    }
)  # fmt: skip
CELLS = ("td", "th", "caption")
SECTIONS = ("tbody", "thead", "tfoot", "caption", "colgroup")
CLOSES_P = BLOCKS - {"body", "caption", "html", "tbody", "td", "tfoot", "th", "thead", "tr"} | {"hr"}

# What a start tag ends, and which open elements keep it from ending what is outside of them.
IMPLIED: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    **dict.fromkeys(HEADINGS, ((HEADINGS, ("div", "blockquote", *CELLS)),)),
    "li": ((("li",), ("ul", "ol", "menu", "blockquote", *CELLS)),),
    "dd": ((("dd", "dt"), ("dl", *CELLS)),),
    "dt": ((("dd", "dt"), ("dl", *CELLS)),),
    "a": ((("a",), CELLS),),
    "tr": ((("tr",), ("table",)), (("caption", "colgroup"), ("table",))),
    "td": ((("td", "th"), ("tr", "table")),),
    "th": ((("td", "th"), ("tr", "table")),),
    **dict.fromkeys(SECTIONS, ((SECTIONS, ("table",)), (("tr",), ("table",)))),
}
P_SCOPE = ("table", *CELLS)
ENDED_WITHIN: dict[str, tuple[str, ...]] = {
    "table": (),
    **dict.fromkeys((*CELLS, *SECTIONS, "tr"), ("table",)),
    **dict.fromkeys(("li", "dd", "dt"), ("ul", "ol", "dl", *P_SCOPE)),
}
"""By end tag, the open elements that limit its effect to their inside; for other tags P_SCOPE."""


class OpenElements(Generic[T]):
    """Stack of open elements (name and value), with an index of the depths at which each name is open."""

    def __init__(self) -> None:
        self.stack: list[tuple[str, T]] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._blocks: list[int] = []

    def __len__(self) -> int:
        return len(self.stack)

    @property
    def top(self) -> str:
        return self.stack[-1][0] if self.stack else ""

    def push(self, name: str, value: T) -> None:
        depth = len(self.stack)
        self._places[name].append(depth)
        if name in BLOCKS:
            self._blocks.append(depth)
        self.stack.append((name, value))

    def pop_to(self, depth: int) -> list[tuple[str, T]]:
        """Close elements until `depth` are open; return them, innermost first."""
        stack = self.stack
        closed = stack[depth:]
        del stack[depth:]
        closed.reverse()
        for name, _ in closed:
            self._places[name].pop()
            if name in BLOCKS:
                self._blocks.pop()
        return closed

    def last(self, names: Iterable[str]) -> int:
        """Return the depth at which the innermost of these elements is open, -1 for none."""
        best, places = -1, self._places
        for name in names:
            if (at := places[name]) and at[-1] > best:
                best = at[-1]
        return best

    def implied(self, name: str) -> int | None:
        """Return the depth to which a start tag of this name implicitly closes elements, None if it closes none."""
        depth = None
        for targets, walls in IMPLIED.get(name, ()):
            at = self.last(targets)
            if at >= 0 and at > self.last(walls) and (depth is None or at < depth):
                depth = at
        if (places := self._places["p"]) and name in CLOSES_P and places[-1] > self.last(P_SCOPE):
            depth = places[-1] if depth is None else min(depth, places[-1])
        return depth

    def ended(self, name: str) -> int | None:
        """Return the depth to which an end tag of this name closes elements, None for a stray one."""
        places = self._places.get(name)
        if not places:
            return None
        at = places[-1]
        if name not in BLOCKS:  # </b> ends no block that began within <b>: it is a slip
            return at if not self._blocks or at > self._blocks[-1] else None
        return at if at > self.last(ENDED_WITHIN.get(name, P_SCOPE)) else None
