"""Generators of hostile mails by name: each fills a given size with the worst case of some parser."""

from collections.abc import Callable
from typing import NamedTuple

Make = Callable[[int], str]


class Hostile(NamedTuple):
    """Generator of a hostile mail part. `part` is "text" or "html"; `make` returns that part, of about so many characters."""

    name: str
    part: str
    make: Make


def repeated(piece: str, before: str = "", after: str = "") -> Make:
    return lambda size: before + piece * max((size - len(before) - len(after)) // len(piece), 1) + after


def numbered(piece: str, before: str = "", after: str = "") -> Make:
    """Return a generator of a repeated piece with a different number (`{}`) each time."""
    return lambda size: before + "".join(piece.format(n) for n in range(max(size // (len(piece) + 3), 1))) + after


def formatted_blocks(size: int) -> str:
    """Return formatting elements that HTML reopens in each of the following blocks."""
    half = size // 2
    return numbered("<b {}><i {0}>".replace("{}", "{0}"))(half) + "<p>x" * (half // 4)


def deep_then_wide(size: int) -> str:
    return "<div>" * (size // 10) + "<p>x" * (size // 8)


UNCLOSED = [
    "div",
    "p",
    "b",
    "span",
    "table",
    "td",
    "li",
    "a",
    "h1",
    "font",
    "form",
    "select",
    "svg",
    "math",
    "template",
]
HEADERS = (
    "From:", "To:", "Cc:", "Subject:", "Date:", "Sent:", "Von:", "An:", "Betreff:", "Gesendet:", "De :", "Objet :", "Envoyé :", "Van:",
    "Aan:", "Onderwerp:", "Verzonden:",
)  # fmt: skip
OPENERS = {
    "en": "On Mon, Jan 5, 2026 at 10:00 AM Sam Sender <sam@out.example> wrote:\n",
    "de": "Am Mo., 5. Jan. 2026 um 10:00 Uhr schrieb Sam Sender <sam@out.example>:\n",
    "fr": "Le lun. 5 janv. 2026 à 10:00, Sam Sender <sam@out.example> a écrit :\n",
    "nl": "Op ma 5 jan 2026 om 10:00 schreef Sam Sender <sam@out.example>:\n",
}
BLOCK = "From: Sam <sam@out.example>\nSent: Monday, 5 January 2026 10:00\nTo: Max\nSubject: offer\n\n"

TEXTS: dict[str, Make] = {
    **{f"header {word} blanks": repeated(" ", f"Gladly.\n\n{word}", "x\n") for word in HEADERS},
    **{f"header {word} again": repeated(f"{word} x\n", "Gladly.\n") for word in HEADERS},
    **{f"opener {name}": repeated(opener, "Gladly.\n") for name, opener in OPENERS.items()},
    **{f"opener {name} without its end": repeated(opener[:-2] + " ", "Gladly.\n") for name, opener in OPENERS.items()},
    **{f"opener {name} by words": repeated("\n".join(opener.split()) + "\n", "Gladly.\n") for name, opener in OPENERS.items()},
    **{f"lead {word}": repeated(f"{word} ", "Gladly.\n", ":\n") for word in ("On", "Am", "Le", "Op", "wrote", "schrieb")},
    "words ending in colons": repeated("On 3 wrote:\n", "Gladly.\n"),
    "colons in lines": repeated(":\n"),
    "colons in one line": repeated(":"),
    "headers of two mails by turns": repeated("From: a@x.example\nb\nSent: 2026 10:00\n\n", "Gladly.\n"),
    "blocks of headers": repeated(BLOCK, "x"),
    "block without its last header": repeated("From: a@b.example\nTo: x\nCc: y\nc@d.example\n\n", "Gladly.\n"),
    "blank lines": repeated("\n"),
    "blank lines before a quote": repeated("\n", "Gladly.\n", "> x\n"),
    "blank lines between quotes": repeated("> x\n\n\n\n"),
    "lines of blanks": repeated(" \n"),
    "blanks": repeated(" "),
    "tabs": repeated("\t", "Gladly.\n", "x"),
    "no-break spaces": repeated("\xa0"),
    "carriage returns": repeated("\r"),
    "line separators": repeated("\u2028"),
    "one long line": repeated("a"),
    "one long line of words": repeated("word "),
    "short lines": repeated("a\n"),
    "marks in one line": repeated(">"),
    "marks in lines": repeated(">\n"),
    "marks and blanks": repeated("> "),
    "marks growing": lambda size: "\n".join(">" * n for n in range(int((2 * size) ** 0.5))),
    "quotes and answers by turns": repeated("> x\ny\n"),
    "single quotes without an opener": repeated("x\n> y\nz\n\n"),
    "dashes": repeated("-"),
    "lines of dashes": repeated("-----\n"),
    "underscores": repeated("_"),
    "original messages": repeated("-----Original Message-----\n", "", "x"),
    "original message and blanks": repeated("\n", "Gladly.\n-----Original Message-----\n", "x"),
    "digits": repeated("1"),
    "dates": repeated("1.1.26 "),
    "times": repeated("10:00 ", "On 3 ", ":"),
    "at signs": repeated("@", "On 3 ", " wrote:"),
    "addresses": repeated("a@b ", "On 3 ", " wrote:"),
    "angles": repeated("<"),
    "angles and addresses": repeated("<a@"),
    "combining characters": repeated("\u0301", "a"),
    "zero-width spaces": repeated("\u200b"),
    "marks of direction": repeated("\u200f\n"),
    "joined letters": repeated("\ufdfa"),
    "emoji": repeated("😀"),
    "surrogates": repeated("\ud800"),
    "NULs": repeated("\0"),
    "controls": repeated("\x01\x0b\x0c\x1f\x85"),
    "capital dotted i": repeated("İ"),
}  # fmt: skip

HTMLS: dict[str, Make] = {
    **{f"<{name}> unclosed": repeated(f"<{name}>") for name in UNCLOSED},
    **{f"</{name}> alone": repeated(f"</{name}>") for name in ("div", "p", "b", "br", "table")},
    "<div> nested": lambda size: "<div>" * (size // 11) + "</div>" * (size // 11),
    "list in list": repeated("<ul><li>"),
    "ordered list in list": repeated("<ol><li>x"),
    "blockquote in blockquote": repeated("<blockquote type=cite>x<br>"),
    "containers with answers between": repeated("<div>answer below</div><div class=yahoo_quoted>x</div>"),
    "emptied containers": repeated("x<div class=yahoo_quoted></div><br>"),
    "bare blockquotes": repeated("<blockquote>x"),
    "formatting opened again": formatted_blocks,
    "formatting in a table": numbered("<table><b {0}><tr><td>x"),
    "text between cells": repeated("<tr>x<td>y", "<table>", "</table>"),
    "table in table": repeated("<table><tr><td>"),
    "deep then wide": deep_then_wide,
    "misnested": repeated("<b><i></b></i>x"),
    "paragraphs in formatting": numbered("<b {0}><p>x"),
    "links in links": repeated("<a href='http://x'>y"),
    "links": repeated("<a href=http://x>y</a>"),
    "empty links": repeated("<a>"),
    "attributes of one tag": numbered(" a{}=1", "<b", ">x</b>"),
    "attributes without a value": numbered(" a{}", "<b", ">x</b>"),
    "attributes of many tags": repeated("<b a a a a a a a a a a a>"),
    "one long attribute": repeated("x", "<a title='", "'>x</a>"),
    "one long name": repeated("x", "<", ">x"),
    "styles": repeated("<p style='color:red;margin:0'>x"),
    "nested style value": repeated("(", "<p style='color:", "'>x</p>"),
    "unclosed quote in a tag": repeated("<a b=\"", "", "x"),
    "quoted ends of tags": repeated("<a x='>'"),
    "quotes by turns": repeated("<a b=\"><a b='>"),
    "tags without an end": repeated("<a "),
    "open angles": repeated("<"),
    "close angles": repeated(">"),
    "angle and slash": repeated("</"),
    "comments unclosed": repeated("<!--"),
    "comments": repeated("<!---->"),
    "comment never closed": repeated("a ", "<!-- "),
    "declarations": repeated("<!x"),
    "CDATA": repeated("<![CDATA["),
    "instructions": repeated("<?"),
    "scripts unclosed": repeated("<script>"),
    "scripts": repeated("<script></script>"),
    "styles unclosed": repeated("<style>x"),
    "titles by turns": repeated("<title><style></title>"),
    "ampersands": repeated("&"),
    "references": repeated("&amp;"),
    "no-break spaces": repeated("&nbsp;"),
    "plain no-break spaces": repeated("\xa0"),
    "references without an end": repeated("&am"),
    "long reference": repeated("a", "&", ";"),
    "long number": repeated("9", "&#", ";"),
    "long hexadecimal number": repeated("f", "&#x", ";"),
    "number of a surrogate": repeated("&#xd800;"),
    "letters that become many": repeated("&NotEqualTilde;"),
    "line breaks": repeated("<br>"),
    "rules": repeated("<hr>"),
    "wbr": repeated("x<wbr>"),
    "preformatted lines": repeated("\n", "<pre>", "x</pre>"),
    "preformatted in preformatted": repeated("<pre>\nx"),
    "blanks": repeated(" ", "<p>x", "y</p>"),
    "hidden in hidden": repeated("<div style='display:none'>x"),
    "pictures": repeated("<img src=x alt=😀>"),
    "openers": repeated("<div id=divRplyFwdMsg>x"),
    "attributions": repeated("<div class=gmail_attr>x</div><br>"),
    "ruby": repeated("<ruby><rt><rp>x"),
    "addresses as tags": repeated("<a@b.example>"),
    "surrogates": repeated("<p>\ud800"),
    "NULs": repeated("<p\0>\0"),
    "combining characters": repeated("\u0301", "<p>a", "</p>"),
    "text of a mail": repeated("<p>Good day, we would like an offer for <b>five</b> pallets.</p>\n"),
}  # fmt: skip

ALL = [
    *(Hostile(f"text: {name}", "text", make) for name, make in TEXTS.items()),
    *(Hostile(f"html: {name}", "html", make) for name, make in HTMLS.items()),
]
