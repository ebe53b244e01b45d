"""Clean untrusted text for triage in linear time: its visible form, and a folded form for matching.

No backtracking regular expressions: strings are searched with plain functions, so that the time is linear in the length.
"""

import html
import re
import unicodedata

HEAD, TAIL = 6000, 1500
"""Characters read from the beginning and the end of a text; the part between them is ignored."""

LONGEST_RUN = 3
"""Repetitions of one character that are kept."""

LONG_RUN = re.compile(rf"(.)\1{{{LONGEST_RUN},}}", re.DOTALL)
"""Pattern of a longer run. Linear time: where no run begins, it fails at the second character."""

LONGEST_TAG = 1000
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "tr",
        "table",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "section",
        "article",
        "header",
        "footer",
        "hr",
    ]
)
UNSEEN = frozenset(["script", "style", "head", "title", "template", "noscript", "object", "iframe", "svg"])
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "center",
        "code",
        "del",
        "em",
        "font",
        "html",
        "body",
        "i",
        "ins",
        "img",
        "input",
        "label",
        "link",
        "mark",
        "meta",
        "o:p",
        "pre",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "u",
        "wbr",
        "dl",
        "dt",
        "dd",
    ]
)
TAGS = BLOCKS | UNSEEN | INLINE | VOID
HIDING = (
    "display:none",
    "visibility:hidden",
    "opacity:0;",
    "font-size:0",
    "font-size:1px",
    "max-height:0",
    "mso-hide:all",
    "color:#fff",
    "color:white",
    "color:transparent",
)

FOLDED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "’": "'",
        "‘": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "…": "...",
        "\u00a0": " ",
        "\t": " ",
    }
)


def visible(text: str | None) -> str:
    """Return at most HEAD + TAIL characters of a text as a person would see it: no tags, no hidden parts, no invisible characters."""
    text = text or ""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    if "<" in text:
        text = without_tags(text)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cn") or c == "\u200d")
        text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\u200d", "")
    return LONG_RUN.sub(lambda run: run[1] * LONGEST_RUN, text)


def fold(text: str) -> str:
    """Return lower-case ASCII for matching: umlauts written out, accents dropped, quotes and dashes made plain."""
    text = text.lower().translate(FOLDED)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text).translate(FOLDED)
    return "".join(c for c in text if c < "\x80" or unicodedata.category(c) not in ("Mn", "Cf"))


def words_of(text: str) -> str:
    """Return the folded words of a text, one blank apart, without punctuation: "Keine Kapazität!" as "keine kapazitaet"."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text and, for each of its characters, the index of the one it came from."""
    parts = [fold(c) for c in text]
    return "".join(parts), [index for index, part in enumerate(parts) for _ in part]


def without_tags(text: str) -> str:
    """Drop tags, comments and what a style hides. A `<` that begins no HTML tag stays. Linear in the length."""
    out: list[str] = []
    place, hidden_by, depth = 0, "", 0
    while (start := text.find("<", place)) >= 0:
        if not hidden_by:
            out.append(text[place:start])
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            place = len(text) if end < 0 else end + 3
            continue
        name, attributes, closing, end = _tag(text, start)
        if not name:
            if not hidden_by:
                out.append("<")
            place = start + 1
            continue
        place = end
        if hidden_by:
            depth += 0 if name != hidden_by or name in VOID else -1 if closing else 1
            if depth <= 0:
                hidden_by = ""
        elif not closing and name not in VOID and (name in UNSEEN or _hides(attributes)):
            hidden_by, depth = name, 1
        elif name in BLOCKS:
            out.append("\n")
        else:
            out.append("" if name in INLINE else " ")
    if not hidden_by:
        out.append(text[place:])
    return "".join(out)


def _tag(text: str, start: int) -> tuple[str, str, bool, int]:
    """Return name, attributes, whether it closes, and the end of the tag at `start`; an empty name where there is none."""
    end = text.find(">", start, start + LONGEST_TAG)
    if end < 0:
        return "", "", False, start
    inner = text[start + 1 : end]
    closing = inner.startswith("/")
    inner = inner.lstrip("/")
    name = inner.split(None, 1)[0].rstrip("/").lower() if inner.strip() else ""
    if inner[:1] == "!" or name in TAGS:
        return name.lstrip("!") or "!", inner[len(name) :], closing, end + 1
    return "", "", False, start


def _hides(attributes: str) -> bool:
    style = attributes.lower().replace(" ", "").replace("'", '"').replace('"', ";")
    return any(word in style for word in HIDING) or ";hidden" in f";{style};" or style.startswith("hidden")
