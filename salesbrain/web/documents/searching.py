"""Full-text search of the documents: sections that contain every word, without accents and case.

All documents together have a few hundred sections, so each search reads all of them from a copy in memory; there is no index.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from salesbrain.web.documents import shelf
from salesbrain.web.documents.rendering import COMMENT, anchor_of

LONGEST_QUERY = 200
MOST_WORDS = 8
MOST_HITS = 30
BEFORE, AFTER = 60, 180
"""Characters of the excerpt before and after the first word found."""

HEADING = re.compile(r"^#{1,6} ")
FENCE = re.compile(r"^(```|~~~)")
MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`|]|^[-#> ]+|-{3,}", re.MULTILINE)
IN_TITLE, IN_HEADING, IN_TEXT = 20, 10, 1
MOST_COUNTED = 5
"""Maximum of occurrences in one section that count."""

SECONDARY = ("decisions/", "tables/", "changelog")
"""Documents that are listed after guides that match equally."""


@dataclass(frozen=True, slots=True)
class Section:
    """Text beneath one heading. `folded`: the text as it is compared, in lower case without accents."""

    name: str
    language: str
    title: str
    heading: str
    anchor: str
    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that was found, with an excerpt in pieces: each a text, and whether it is a word of the query."""

    section: Section
    excerpt: tuple[tuple[str, bool], ...]


def search(language: str, query: str) -> list[Hit]:
    """Return the best sections first; none for a query without a word."""
    words = words_of(query)
    if not words:
        return []
    scored = [(score(section, words), section) for section in sections(language)]
    found = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return [Hit(section, excerpt(section.text, words)) for _, section in found[:MOST_HITS]]


def words_of(query: str) -> list[str]:
    return list(dict.fromkeys(fold(query[:LONGEST_QUERY]).split()))[:MOST_WORDS]


def fold(text: str) -> str:
    """Return the text in lower case, without accents; German ß becomes ss."""
    return "".join(map(_folded, text))


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    plain = unicodedata.normalize("NFKD", character.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def score(section: Section, words: list[str]) -> int:
    """Return how well a section fits, 0 where a word is missing."""
    title, heading, total = fold(section.title), fold(section.heading), 0
    for word in words:
        found = section.folded.count(word)
        if not found and word not in title:
            return 0
        total += min(found, MOST_COUNTED) * IN_TEXT + (word in title) * IN_TITLE + (word in heading) * IN_HEADING
    if not any(word in section.folded for word in words):
        return 0  # the title alone: its first section stands for it
    return max(1, total // 4) if section.name.startswith(SECONDARY) else total


def excerpt(text: str, words: list[str]) -> tuple[tuple[str, bool], ...]:
    """Return the surroundings of the first word found, in pieces, with every word of the query marked."""
    places = [at for at, character in enumerate(text) for _ in _folded(character)]
    folded = fold(text)
    first = min((at for at in (folded.find(word) for word in words) if at >= 0), default=0)
    start = max(0, (places[first] if places else 0) - BEFORE)
    part = text[start : start + BEFORE + AFTER]
    pieces = list(_marked(part, words))
    before = [("… ", False)] if start else []
    after = [(" …", False)] if start + len(part) < len(text) else []
    return (*before, *pieces, *after)


def _marked(text: str, words: list[str]) -> Iterator[tuple[str, bool]]:
    places = [at for at, character in enumerate(text) for _ in _folded(character)] + [len(text)]
    done = 0
    for match in re.finditer("|".join(map(re.escape, sorted(words, key=len, reverse=True))), fold(text)):
        begin, end = places[match.start()], places[match.end() - 1] + 1
        if begin < done:
            continue
        yield text[done:begin], False
        yield text[begin:end], True
        done = end
    yield text[done:], False


@cache
def sections(language: str) -> tuple[Section, ...]:
    """Return every section of every document of the pages in this language."""
    return tuple(section for document in shelf.documents(language).values() for section in _cut(document))


def _cut(document: shelf.Document) -> Iterator[Section]:
    heading, lines, in_code = document.title, list[str](), False
    for line in COMMENT.sub("", document.text).splitlines():
        in_code ^= bool(FENCE.match(line))
        if HEADING.match(line) and not in_code:
            yield from _section(document, heading, lines)
            heading, lines = MARKUP.sub(r"\1", line).strip(), []
        elif not FENCE.match(line):
            lines.append(line)
    yield from _section(document, heading, lines)


def _section(document: shelf.Document, heading: str, lines: list[str]) -> Iterator[Section]:
    text = " ".join(MARKUP.sub(r"\1", "\n".join(lines)).split())
    if text:
        folded = fold(f"{heading} {text}")
        yield Section(document.name, document.language, document.title, heading, anchor_of(heading), text, folded)
