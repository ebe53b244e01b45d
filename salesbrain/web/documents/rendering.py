"""Markdown of a document as HTML that needs no script and no style attribute.

Raw HTML in a document is shown as text. Links between files become addresses of these pages; a broken link loses its address (a test finds
broken links).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.urls import reverse
from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from salesbrain.web.documents import shelf

COMMENT = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")
ALIGNED = {"text-align:right": "num", "text-align:center": "middle"}
"""Classes instead of the style attributes that Markdown's tables get, which the content security policy refuses."""


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML of a document, and its headings."""

    html: str
    headings: tuple[Heading, ...]


def parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    for name in ("table_open", "table_close"):
        markdown.add_render_rule(name, _scrolled)
    for name in ("fence", "code_block"):
        markdown.add_render_rule(name, _code)
    return markdown


def render(document: shelf.Document, language: str) -> Rendered:
    """Return a document for the pages in `language`. Kept until its file changes."""
    return _render(document, language, document.path.stat().st_mtime_ns)


@lru_cache(maxsize=200)
def _render(document: shelf.Document, language: str, modified: int) -> Rendered:
    markdown = parser()
    tokens = markdown.parse(COMMENT.sub("", document.text))
    headings = tuple(_number(tokens))
    for token in _all(tokens):
        for attribute in ("href", "src"):
            if attribute in token.attrs:
                _resolve(token, attribute, document.path, language)
        if (style := str(token.attrs.pop("style", ""))) in ALIGNED:
            token.attrSet("class", ALIGNED[style])
    return Rendered(markdown.renderer.render(tokens, markdown.options, {}), headings)


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading as GitHub makes it, so that a link works in both places."""
    return NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def address(link: str, source: Path, language: str) -> str:
    """Return the address on these pages of a link in the file `source`; empty if it leads to no served file."""
    parts = urlsplit(link)
    if parts.scheme or not parts.path or parts.path.startswith("/"):
        return link
    target = Path(normpath(source.parent / unquote(parts.path)))
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if name := shelf.names().get(target):
        return _page(language, name) + fragment
    if target == shelf.DOCS / "openapi.json":
        return reverse("api-schema")
    found = next((name for name, path in shelf.files().items() if path == target), None)
    return reverse("document_file", args=[found]) if found else ""


def _page(language: str, name: str) -> str:
    return reverse("documents", args=[language]) if name == shelf.START else reverse("document", args=[language, name])


def _resolve(token: Token, attribute: str, source: Path, language: str) -> None:
    if found := address(str(token.attrs[attribute]), source, language):
        token.attrSet(attribute, found)
    else:
        del token.attrs[attribute]


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


def _number(tokens: list[Token]) -> Iterator[Heading]:
    """Give every heading its anchor; a repeated one gets a number, as at GitHub."""
    seen: dict[str, int] = {}
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type != "heading_open":
            continue
        text = "".join(part.content for part in inline.children or [])
        base = anchor_of(text)
        anchor = f"{base}-{seen[base]}" if base in seen else base
        seen[base] = seen.get(base, 0) + 1
        opening.attrSet("id", anchor)
        yield Heading(int(opening.tag[1]), text, anchor)


def _scrolled(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    """Put a table into a box that scrolls by itself, also by keyboard."""
    opens = tokens[index].nesting == 1
    return '<div class="scroll" tabindex="0"><table class="table">\n' if opens else "</table></div>\n"


def _code(renderer: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'
