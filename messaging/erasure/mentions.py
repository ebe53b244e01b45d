"""Find and remove an erased address in other people's mails, in any encoding, in linear time.

Mails and links write one address in many ways: in any case, percent-encoded, as HTML entities, quoted-printable, with tags or invisible
characters inside, full-width, with the domain in Unicode or Punycode, or as "name [at] domain". A text is decoded together with a map of
character positions, the address is searched in the decoded text, and the alias replaces the characters it was decoded from.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote

from django.db import models
from django.db.models import Q

from salesbrain.kernel.addresses import INVISIBLE, TYPOGRAPHY, spellings

MAX_TEXT = 400_000
"""Characters that are decoded with positions; a longer text that may contain the address is replaced as a whole."""
WHOLE = "[A text that named {alias} was removed.]"
LAYERS = 3
"""Layers of encoding that are decoded, as in `&amp;#64;` or `%2540`."""

TAG = re.compile(r"<[^<>]*>")
ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});?"
IN_LINKS = re.compile(rf"{ENTITY}|(?:%[0-9a-fA-F]{{2}})+|\\u[0-9a-fA-F]{{4}}")
IN_MAILS = re.compile(rf"{IN_LINKS.pattern}|(?:=[0-9a-fA-F]{{2}})+|=\r?\n")
"""Encoded characters; quoted-printable ones (`=40`) only in one of two readings, because `to=abe@…` is none."""
BLANK = r"[ \t]{0,9}(?:\r?\n)?[ \t]{0,9}"
BEYOND_ASCII = re.compile(r".?[^\x00-\x7f]+", re.DOTALL)

ENCODINGS = r"[%=](?:25)*[0-9a-f]{2}|&(?:amp;)*#?[0-9a-z]{1,10};|\\u[0-9a-f]{4}|[^a-z0-9]"
UNSEEN = rf"{INVISIBLE.pattern}|=\r?\n|&(?:shy|zwnj|zwj|#8203|#173|#x200b|#xad);|%e2%80%8[b-f]|%c2%ad|%ef%bb%bf|=e2=80=8[b-f]|=c2=ad"
INSIDE_WORDS = f"<[^<>]*>|{UNSEEN}"
"""Pattern of invisible parts inside a word, such as tags; for lower-case text."""
DRAWN = {
    plain: f"[{re.escape(plain)}{''.join(chr(code) for code, meant in TYPOGRAPHY.items() if meant == plain)}]"
    for plain in "-'"
}
"""Typographic dashes and apostrophes by the character they stand for (salesbrain.kernel.addresses.TYPOGRAPHY)."""
WITHOUT_TAGS, WITH_TAGS = rf"<[^<>]*>|{ENCODINGS}", ENCODINGS
"""Patterns removed from a lower-case text before its letters and digits are compared with `Mention.needles`."""
LETTERS_IN_DISGUISE = (
    r"&#0*(4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2]);|&#[xX]0*([3-7][0-9a-fA-F]);"
    r"|%(25)*(4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA])|\\u00[3-7][0-9a-fA-F]|[\uff10-\uff5a\U0001d400-\U0001d7ff]"
)
"""Encoded letters and digits; a text with any of them is always searched."""

Mapped = tuple[str, list[int], list[int]]
"""A decoded text, and for each of its characters the begin and end of the original characters it was decoded from."""


class Mention:
    """Search for one address in texts, and its replacement by an alias. ann@x.example is not found in joann@x.example."""

    def __init__(self, email: str, alias: str) -> None:
        """`email`: canonical address to find. `alias`: text that replaces it."""
        self.email, self.alias = email, alias
        local, _, _ = email.rpartition("@")
        domains = {spelling.rpartition("@")[2] for spelling in spellings(email)}
        dot = rf"(?:\.|{_bracketed('dot', 'punkt', 'point', '.')})"
        at = rf"(?:{BLANK}@{BLANK}|{_bracketed('at', 'ät', '@')})"
        name = dot.join(map(_typed, local.split(".")))
        places = "|".join(dot.join(map(_typed, domain.split("."))) for domain in sorted(domains))
        self._pattern = re.compile(rf'(?<![\w.+-]){name}"?{at}(?:{places})(?![\w-]|\.\w)')
        plain = "|".join(map(re.escape, sorted(domains)))
        self._plain = re.compile(
            rf"(?:(?<![\w.+-])|(?<=%[0-9a-f]{{2}})){re.escape(local)}@(?:{plain})(?![\w-]|\.\w)", re.IGNORECASE
        )
        self.needles = sorted(_needles(local, domains))
        self.likes = sorted({_like(f"{local}@{domain}") for domain in domains})
        self.words = sorted({word for domain in domains for word in _words(f"{local}@{domain}")})

    def within(self, *fields: str) -> Q:
        """Return a filter for rows in which one of these fields may contain the address. May find too many rows, never too few."""
        found = Q()
        for name in fields:
            found |= Q(self.may_be_in(name))
        return found

    def may_be_in(self, text: Any) -> "MayName":
        """Return the same filter for an SQL expression instead of a field."""
        return MayName(text, self.likes, self.words)

    def removed(self, text: str | None) -> str | None:
        """Return the text with every occurrence of the address replaced by the alias; a text over MAX_TEXT is replaced as a whole."""
        if not text:
            return text
        text = self._plain.sub(self.alias, text)
        if not self._may_name(text):
            return text
        if len(text) > MAX_TEXT:
            return WHOLE.format(alias=self.alias)
        for coded in (IN_LINKS, IN_MAILS):
            for without_tags in (False, True):
                text = self._replaced(text, coded, without_tags=without_tags)
        return text

    def removed_from(self, value: Any) -> Any:
        """Return a decoded JSON value with the address replaced in all its texts and keys."""
        if isinstance(value, str):
            return self.removed(value)
        if isinstance(value, list):
            return [self.removed_from(each) for each in value]
        if isinstance(value, dict):
            return {self.removed(key): self.removed_from(each) for key, each in value.items()}
        return value

    def _may_name(self, text: str) -> bool:
        lower = text.lower()
        if self._has_needle(lower):
            return True
        decoded = lower
        for _ in range(LAYERS):
            decoded = html.unescape(unquote(decoded))
        decoded = unicodedata.normalize("NFKC", decoded).lower()
        return decoded != lower and self._has_needle(decoded)

    def _has_needle(self, lower: str) -> bool:
        return any(
            needle in letters
            for letters in (re.sub(WITH_TAGS, "", lower), re.sub(WITHOUT_TAGS, "", lower))
            for needle in self.needles
        )

    def _replaced(self, text: str, coded: re.Pattern[str], *, without_tags: bool) -> str:
        decoded, begins, ends = _mapped(text, coded, without_tags=without_tags)
        parts, done = [], 0
        for found in self._pattern.finditer(decoded):
            begin, end = begins[found.start()], ends[found.end() - 1]
            if begin < done:
                continue
            tags = TAG.findall(text[begin:end]) if without_tags else ()
            parts += [text[done:begin], self.alias, *tags]  # or an element that was opened inside would stay open
            done = end
        return "".join([*parts, text[done:]])


def _typed(word: str) -> str:
    """Return the pattern of a word that also matches the dashes and apostrophes of word processors."""
    return "".join(DRAWN.get(letter) or re.escape(letter) for letter in word)


def _needles(local: str, domains: Iterable[str]) -> set[str]:
    """Return the sequences of letters and digits in which the address may occur."""
    found = set()
    for domain in domains:
        for dot in ("", "dot", "punkt", "point"):
            names = {local, local.replace(".", dot)}
            for at in ("", "at"):
                texts = (f"{name}{at}{domain.replace('.', dot)}" for name in names)
                found |= {
                    re.sub("[^a-z0-9]", "", unicodedata.normalize(form, text))
                    for text in texts
                    for form in ("NFC", "NFD")
                }
    return found - {""}


def _like(address: str) -> str:
    """Return the LIKE pattern of an address's words in their order, with anything between them."""
    return f"%{'%'.join(filter(None, re.split('[^a-z0-9]+', address)))}%"


def _words(address: str) -> list[str]:
    """Return LIKE patterns of the words of an address, of which at least one occurs undivided even if tags divide another."""
    words = [word for word in re.split("[^a-z0-9]+", address.rpartition(".")[0]) if word]
    return [f"%{word}%" for word in [word for word in words if len(word) > 2] or words]


def _bracketed(*words: str) -> str:
    """Return the pattern of a word in brackets, with blanks around: ` [at] `."""
    return rf"{BLANK}[\[({{<]{BLANK}(?:{'|'.join(map(re.escape, words))}){BLANK}[\])}}>]{BLANK}"


def _mapped(text: str, coded: re.Pattern[str], *, without_tags: bool) -> Mapped:
    mapped: Mapped = text, list(range(len(text))), list(range(1, len(text) + 1))
    for _ in range(LAYERS):
        before = mapped[0]
        mapped = _each(mapped, coded, _decoded)
        if mapped[0] == before:
            break
    if without_tags:
        mapped = _each(mapped, TAG, lambda tag: [("", 0, len(tag))])
    mapped = _each(mapped, BEYOND_ASCII, _folded)
    return _lower(mapped[0]), mapped[1], mapped[2]


def _lower(text: str) -> str:
    """Lower-case a text without changing its length; characters whose lower case is longer are folded already."""
    lowered = text.lower()
    return (
        lowered
        if len(lowered) == len(text)
        else "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    )


def _each(mapped: Mapped, pattern: re.Pattern[str], read: Callable[[str], Sequence[tuple[str, int, int]]]) -> Mapped:
    """Return the text with each match of the pattern replaced by its decoded form, keeping the position of each decoded part."""
    text, begins, ends = mapped
    parts: list[str] = []
    new_begins: list[int] = []
    new_ends: list[int] = []
    done = 0
    for found in pattern.finditer(text):
        start = found.start()
        parts.append(text[done:start])
        new_begins += begins[done:start]
        new_ends += ends[done:start]
        for piece, first, last in read(found.group()):
            parts.append(piece)
            new_begins += [begins[start + first]] * len(piece)
            new_ends += [ends[start + last - 1]] * len(piece)
        done = found.end()
    parts.append(text[done:])
    return "".join(parts), new_begins + begins[done:], new_ends + ends[done:]


def _decoded(code: str) -> list[tuple[str, int, int]]:
    if code[0] == "&":
        return [(html.unescape(code), 0, len(code))]
    if code[0] == "\\":
        return [(chr(int(code[2:], 16)), 0, len(code))]
    return [("", 0, len(code))] if code[-1] == "\n" else _bytes(code)


def _bytes(code: str) -> list[tuple[str, int, int]]:
    """Decode percent-encoded bytes such as `%C3%B6%40` from UTF-8; return each letter with the codes it was decoded from."""
    data = bytes(int(code[place + 1 : place + 3], 16) for place in range(0, len(code), 3))
    pieces, place = [], 0
    while place < len(data):
        length = 1 + (data[place] >= 0xC0) + (data[place] >= 0xE0) + (data[place] >= 0xF0)
        try:
            letter = data[place : place + length].decode()
        except UnicodeDecodeError:
            letter, length = chr(data[place]), 1
        pieces.append((letter, 3 * place, 3 * (place + length)))
        place += length
    return pieces


def _folded(run: str) -> list[tuple[str, int, int]]:
    """Fold a text letter by letter, together with the combining marks of each letter."""
    pieces: list[tuple[str, int, int]] = []
    begin = 0
    for place in range(1, len(run) + 1):
        if place == len(run) or not (unicodedata.combining(run[place]) or INVISIBLE.match(run[place])):
            group = INVISIBLE.sub("", run[begin:place])
            pieces.append((unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", group).lower()), begin, place))
            begin = place
    return pieces


class MayName(models.Func):
    """SQL condition: the text may contain the address, because its words occur in this order or some letters are encoded.

    It must be cheap, because it is evaluated for every mail of an organization: invisible characters are removed before the comparison, and
    tags only if one of the words occurs undivided (a tag between all letters of all words is not searched for).
    """

    output_field = models.BooleanField()

    def __init__(self, text: Any, likes: Sequence[str] = (), words: Sequence[str] = ()) -> None:
        self.likes, self.words = list(likes), list(words)
        super().__init__(text)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        text, given = compiler.compile(self.source_expressions[0])
        lower = f"lower({text})"
        inside = f"({lower} ~ %s OR ({lower} LIKE ANY (%s) AND {lower} ~ %s))"
        taken_out = f"CASE WHEN {inside} THEN regexp_replace({lower}, %s, '', 'g') LIKE ANY (%s) ELSE false END"
        return f"({lower} LIKE ANY (%s) OR {taken_out} OR {text} ~ %s)", [
            *given, self.likes, *given, UNSEEN, *given, self.words, *given, TAG.pattern, *given, INSIDE_WORDS, self.likes,
            *given, LETTERS_IN_DISGUISE,
        ]  # fmt: skip
