"""Split a mail into tokens: words, numbers, addresses and signs, in one pass without backtracking."""

import unicodedata
from dataclasses import dataclass
from itertools import groupby

MAX_CHARS = 4_000
"""Characters of a mail that are read; absence notes and answers state their point long before."""

WORD, NUMBER, ADDRESS, LINK, SIGN = "word", "number", "address", "link", "sign"

INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F])
SPACES = {
    0x00A0: " ",
    0x202F: " ",
    0x2007: " ",
    0x2009: " ",
    0x2011: "-",
    0x2010: "-",
    0x2019: "'",
    0x2018: "'",
    0x00B4: "'",
}
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})
OPENING, CLOSING = "<([{\"'„“”»«‚‘", ">)]}\"'“”»«‚‘,;.:!?*_"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, address or sign of a mail. `text` is folded (lower case, umlauts written out); `start` and `end` are places in the
    normalized text."""

    kind: str
    text: str
    start: int
    end: int
    capital: bool = False
    glued: bool = False
    """Whether there is no blank between this token and the one before."""


def normalized(text: str) -> str:
    """Return the text as it is read: composed, without invisible characters, with plain spaces, cut at MAX_CHARS."""
    composed = unicodedata.normalize("NFC", text[:MAX_CHARS])
    return composed.translate(INVISIBLE).translate(SPACES).replace("\r\n", "\n").replace("\r", "\n")


SPELLINGS = {
    "nich": "nicht",
    "ned": "nicht",
    "net": "nicht",
    "noed": "nicht",
    "mia": "wir",
    "doesnt": "doesn't",
    "wiedr": "wieder",
    "untill": "until",
    "wont": "won't",
    "dont": "don't",
    "untl": "until",
    "zuruck": "zurueck",
}


def folded(text: str) -> str:
    """Return text as phrases are written: lower case, umlauts written out, common misspellings put right."""
    plain = text.casefold().translate(UMLAUTS)
    return SPELLINGS.get(plain, plain)


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Return the tokens of a part of a normalized text."""
    found: list[Token] = []
    place = start
    for is_space, run in groupby(text[start:end], key=str.isspace):
        chunk = "".join(run)
        if not is_space:
            found += _tokens_of_chunk(chunk, place)
        place += len(chunk)
    return found


def _tokens_of_chunk(chunk: str, place: int) -> list[Token]:
    """Split a chunk between two blanks into tokens: an address or a link stays whole, the rest is split by kinds of characters."""
    kind = _kind_of_whole(chunk)
    if kind:
        left = len(chunk) - len(chunk.lstrip(OPENING))
        inner = chunk.strip(OPENING + CLOSING)
        return [Token(kind, inner.lower(), place + left, place + left + len(inner))]
    found: list[Token] = []
    at = 0
    for character_kind, run in groupby(chunk, key=_kind_of_character):
        part = "".join(run)
        pieces = list(part) if character_kind == SIGN else [part]
        for piece in pieces:
            begin = place + at
            found.append(
                Token(character_kind, folded(piece), begin, begin + len(piece), piece[0].isupper(), glued=bool(found))
            )
            at += len(piece)
    return _join_apostrophes(found)


def _kind_of_whole(chunk: str) -> str:
    if "://" in chunk or chunk.lstrip(OPENING)[:4].lower() == "www.":
        return LINK
    before, at, after = chunk.partition("@")
    return ADDRESS if at and before.strip(OPENING) and "." in after and not after.startswith(".") else ""


def _kind_of_character(character: str) -> str:
    if character.isdecimal() and character.isascii():
        return NUMBER
    return WORD if character.isalpha() or unicodedata.combining(character) else SIGN


def _join_apostrophes(parts: list[Token]) -> list[Token]:
    """Join "won", "'", "t" into one word."""
    joined: list[Token] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        following = parts[at + 1 : at + 3]
        if part.kind == WORD and len(following) == 2 and following[0].text == "'" and following[1].kind == WORD:
            last = following[1]
            joined.append(Token(WORD, f"{part.text}'{last.text}", part.start, last.end, part.capital, part.glued))
            at += 3
            continue
        joined.append(part)
        at += 1
    return joined
