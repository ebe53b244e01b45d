"""Extract the person's own words of a reply from its text part or its HTML part."""

import re
from dataclasses import dataclass

from .html_lines import html_lines, html_to_text
from .limits import MAX_COMPARED
from .lines import INVISIBLE, bounded, joined, plain_lines, readable
from .phrases import FORWARD_SUBJECTS
from .quotes import Cut, Method, cut

TEXT, HTML, BOTH, SNIPPET, NONE = "text", "html", "text and html", "snippet", ""
WORD = re.compile(r"[^\W_]+")
WARNING = re.compile(r"\A(?:\s*+(?:\[[^\]]{1,40}+\]|\*\*\*[^*]{1,40}+\*\*\*))++")
"""Warning that a mail server writes in front of a subject (`[EXTERN]`)."""
MAX_SUBJECT = 1_000
LINK = re.compile(r"<[^<>\s]{1,2000}+>|https?://\S{1,2000}+")


@dataclass(frozen=True, slots=True)
class ReplyText:
    """Own text of a reply. `source`: the mail part it is from; `method`: how quotes were cut; `is_truncated`: a part exceeded the limit."""

    text: str
    source: str = NONE
    method: Method = Method.WHOLE
    is_truncated: bool = False


def reply_text(text: str = "", html: str = "", snippet: str = "", *, subject: str = "") -> ReplyText:
    """Return the person's own words of a reply, without the mails it quotes and without losing a word of the person. Never raises.

    `text` and `html` are its two parts, `snippet` the beginning of the text as the provider gives it, used if both parts are empty.
    `subject` marks a forwarded mail (`Fwd:`), whose quote is kept.
    """
    text, is_text_cut = bounded(text)
    html, is_html_cut = bounded(html)
    is_forward = WARNING.sub("", subject[:MAX_SUBJECT]).lstrip().lower().startswith(FORWARD_SUBJECTS)
    plain = cut(plain_lines(text), is_forward=is_forward) if text.strip(INVISIBLE) else None
    rich = cut(html_lines(html), is_forward=is_forward) if html.strip(INVISIBLE) else None
    if rich is not None and not (rich.own or rich.removed):
        rich = None
    source, words, method = _chosen(plain, rich)
    if source:
        return ReplyText(words, source, method, is_text_cut or is_html_cut)
    snippet, is_snippet_cut = bounded(snippet)
    return ReplyText(
        joined(line.text for line in plain_lines(snippet)),
        SNIPPET if snippet.strip() else NONE,
        is_truncated=is_snippet_cut,
    )


def body_text(text: str = "", html: str = "", snippet: str = "") -> str:
    """Return a mail's whole text: the text part as it came, else made from the HTML, else the provider's snippet."""
    return plain_body(text) or html_to_text(html) or readable(snippet)


def plain_body(text: str) -> str:
    """Return a text part as a mail's whole text, "" if nothing of it can be seen. Parses nothing, so it may run anywhere."""
    return readable(text) if text.strip(INVISIBLE) else ""


def _chosen(plain: Cut | None, rich: Cut | None) -> tuple[str, str, Method]:
    if plain is None or rich is None:
        only, source = (plain, TEXT) if rich is None else (rich, HTML)
        return (source, only.text, only.method) if only else (NONE, "", Method.WHOLE)
    return _chosen_part(plain, rich)


def _chosen_part(plain: Cut, rich: Cut) -> tuple[str, str, Method]:
    """Choose the text part of a mail, unless its HTML marks the quote better or contains words that the text lacks."""
    if max(map(_length, (plain.own, rich.own))) > MAX_COMPARED:
        return TEXT, plain.text, plain.method
    own, rich_own = _words(plain.own), _words(rich.own)
    if missing := rich_own - own:
        if own and not rich.is_structural and missing <= _words(plain.removed):
            return TEXT, plain.text, plain.method  # the same quote, which the HTML does not show as one
        if own <= rich_own | _words(rich.removed):
            return HTML, rich.text, rich.method
        return BOTH, f"{plain.text}\n\n{rich.text}".strip(), Method.UNSURE
    is_certain = rich.is_structural and not (rich.has_container and plain.method is Method.MARKED)
    if is_certain and rich_own and own != rich_own and own - rich_own <= _words(rich.removed):
        return HTML, rich.text, rich.method  # a quote that the text does not tell from the person's words
    return TEXT, plain.text, plain.method


def _length(lines: list[str]) -> int:
    return sum(map(len, lines)) + len(lines)


def _words(lines: list[str]) -> set[str]:
    """Return the different words, without addresses of links, in order to compare a text with its HTML."""
    return set(WORD.findall(LINK.sub(" ", "\n".join(lines)).lower()))
