"""Tokenize HTML into a sequence of texts and tags, read once from left to right.

No tree is built, because the tree of a short hostile HTML can be very large. An unterminated tag, comment or script never swallows the
words behind it: its beginning is dropped or shown, and reading continues.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape

from .limits import MAX_TAG, MAX_TAGS

DROPPED = frozenset(
    {"script", "style", "title", "iframe", "noembed", "noframes", "noscript", "template", "xml", "svg", "math"}
)
"""Elements whose content is no text of the mail."""

_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:_-]{0,30}+")
# To the first > outside of quoted values. Possessive throughout: what was passed is never tried again.
_TAG = re.compile(r"""<(?:[^=>]++|=[ \t\r\n\f]*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
_ATTRIBUTE = re.compile(r"""(?<![^\s/"'])([^\s/>="'<]{1,60}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']*+))""")
_ANY_TAG = re.compile(r"<[^<>]{0,20000}+>")
_END_OF_COMMENT = re.compile(r"--!?>")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}+|#[xX][0-9A-Fa-f]{1,6}+|[A-Za-z][A-Za-z0-9]{1,31}+);?+")
_ENDS = {name: re.compile(f"</{name}(?![A-Za-z0-9:_-])", re.IGNORECASE) for name in DROPPED}


TEXT, START, END = range(3)
Token = tuple[int, str, str]
"""Kind, source text, and the tag's name in lower case. A plain tuple, because a mail may have a hundred thousand of them."""


def tokens(html: str) -> Iterator[Token]:
    """Yield the texts (with their character references) and tags. Comments, scripts and the like are left out.

    After MAX_TAGS tags, only texts are yielded.
    """
    return _Tokenizer(html).read()


class _Tokenizer:
    """Tokenizer that stores which end marks do not occur in the rest of the text, so that none is searched for twice."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.has_quoted_tags = True
        self.ended_for_good: set[str] = set()

    def read(self) -> Iterator[Token]:
        html, at, count = self.html, 0, 0
        while found := _MARKUP.search(html, at):
            start = found.start()
            if start > at:
                yield TEXT, html[at:start], ""
            count += 1
            if count > MAX_TAGS:
                yield TEXT, _ANY_TAG.sub(" ", html[start:]), ""
                return
            if html[start + 1] in "!?":
                at = self._end_of_comment(start)
                continue
            is_end = html[start + 1] == "/"
            name = _NAME.match(html, start + 1 + is_end)
            if name is None:  # </3
                yield TEXT, html[start : start + 2], ""
                at = start + 2
                continue
            at = self._end_of_tag(start)
            if at < 0:
                yield TEXT, html[start:], ""
                return
            lower = name.group().lower()
            yield END if is_end else START, html[start:at], lower
            if lower in DROPPED and not is_end:
                at = self._after_dropped(lower, at)
        if at < len(html):
            yield TEXT, html[at:], ""

    def _end_of_tag(self, start: int) -> int:
        """Return the end of a tag, -1 if there is none. After an unterminated attribute quote, quotes are ignored."""
        if self.has_quoted_tags:
            if found := _TAG.match(self.html, start):
                return found.end()
            self.has_quoted_tags = False
        return self.html.find(">", start) + 1 or -1

    def _end_of_comment(self, start: int) -> int:
        html = self.html
        if not html.startswith("<!--", start):
            end = html.find(">", start) if ">" not in self.ended_for_good else -1
            if end < 0:
                self.ended_for_good.add(">")
            return end + 1 or start + 2
        for short in ("<!-->", "<!--->"):
            if html.startswith(short, start):
                return start + len(short)
        found = None if "--" in self.ended_for_good else _END_OF_COMMENT.search(html, start + 4)
        if found is None:
            self.ended_for_good.add("--")
            return start + 4
        return found.end()

    def _after_dropped(self, name: str, at: int) -> int:
        """Return the end of an element whose content is no text (script, style); if it never ends, it has no content."""
        if name in self.ended_for_good:
            return at
        found = _ENDS[name].search(self.html, at)
        if found is None:
            self.ended_for_good.add(name)
            return at
        return found.start()


def attributes(raw: str) -> dict[str, str]:
    """Return a tag's attributes that have a value; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(raw[:MAX_TAG]):
        name, *values = match.groups()
        found.setdefault(name.lower(), decoded(next((value for value in values if value is not None), "")))
    return found


def decoded(text: str) -> str:
    """Return text with character references (`&amp;`) replaced; html.unescape() alone fails at a number of 5,000 digits."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    return _characters(reference.group())


_characters = lru_cache(maxsize=4096)(unescape)
