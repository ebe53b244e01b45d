"""Line of a mail with its marks: the common form of plain text and HTML."""

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from .limits import CUT, MAX_INPUT, MAX_LINES, MAX_QUOTE_LEVEL

NEWLINES = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
SURROGATES = re.compile("[\ud800-\udfff]")
INVISIBLE = " \t\r\n\xa0\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
"""Characters stripped from a line before it is examined: right-to-left mails begin with marks of direction."""


class Mark(IntEnum):
    """Marks of a line in HTML (quote, hidden …)."""

    PLAIN = 0
    INDENTED = 1
    """Line in a blockquote without a mark of a cited mail: people use it to indent, too."""
    QUOTED = 2
    ATTRIBUTION = 3
    """Line in an element that a mail program makes for `On … wrote:`."""
    OPENER = 4
    """Mark without text: the mail that is answered begins here."""
    FORWARD = 5
    """Mark without text: a forwarded mail begins here."""
    CONTAINER = 6
    """Line in an element for the quoted mail, into which people type as well."""


class Line(NamedTuple):
    text: str
    mark: Mark = Mark.PLAIN
    level: int = 0
    """Number of nested quotes around the line."""

    @property
    def shown(self) -> str:
        marks = "> " * min(self.level, MAX_QUOTE_LEVEL)
        return marks + self.text if self.text else marks.rstrip()


def readable(text: str) -> str:
    """Return the text without NUL characters and lone surrogates, which PostgreSQL and nh3 refuse."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()  # finds a surrogate ten times as fast as the pattern does
    except UnicodeEncodeError:
        return SURROGATES.sub("\ufffd", text)
    return text


def bounded(text: str) -> tuple[str, bool]:
    """Return the text, cut with a mark at MAX_INPUT, and whether it was cut."""
    if len(text) <= MAX_INPUT:
        return readable(text), False
    return f"{readable(text[:MAX_INPUT])}\n{CUT}", True


def plain_lines(text: str) -> list[Line]:
    """Return the lines of a plain text, with any line ending."""
    text = NEWLINES.sub("\n", text.replace("\0", ""))
    return [Line(line.rstrip()) for line in text.split("\n", MAX_LINES)]


def joined(lines: Iterable[str]) -> str:
    """Join lines into a text. Strips blank lines (also quoted ones) at both ends and collapses runs of empty lines inside."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    end, start = len(kept), 0
    while end and _is_blank(kept[end - 1]):
        end -= 1
    while start < end and _is_blank(kept[start]):
        start += 1
    return "\n".join(kept[start:end]).strip()


def _is_blank(line: str) -> bool:
    return not line.strip(f"{INVISIBLE}>")
