"""Markdown documents of the checkout, their headings, links, code and examples."""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from salesbrain.web.documents.rendering import COMMENT, anchor_of

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
LANGUAGES = ("en", "de")
TOP = ("README.md", "README.de.md", "CONTRIBUTING.md", "CHANGELOG.md")
COMMAND = re.compile(r"(?:\.venv/bin/python )?(?:python )?manage\.py (?P<name>[a-z_]+)(?P<rest>[^|&)#;\n]*)")


@dataclass(frozen=True)
class Text:
    """A parsed document."""

    path: Path
    tokens: tuple[Token, ...]

    def __str__(self) -> str:
        return self.path.relative_to(CHECKOUT).as_posix()

    @property
    def is_history(self) -> bool:
        """Return whether the document describes the past, such as a decision, whose paths may not exist any more."""
        return self.path.name == "CHANGELOG.md" or "decisions" in self.path.parts

    @property
    def headings(self) -> list[tuple[int, str]]:
        found = []
        for opening, inline in zip(self.tokens, self.tokens[1:], strict=False):
            if opening.type == "heading_open":
                found.append((int(opening.tag[1]), "".join(part.content for part in inline.children or [])))
        return found

    @property
    def anchors(self) -> set[str]:
        found: set[str] = set()
        for _, heading in self.headings:
            anchor, number = anchor_of(heading), 1
            while anchor in found:
                anchor, number = f"{anchor_of(heading)}-{number}", number + 1
            found.add(anchor)
        return found

    @property
    def links(self) -> list[str]:
        inlines = [part for token in self.tokens for part in token.children or []]
        return [str(part.attrs[name]) for part in inlines for name in ("href", "src") if name in part.attrs]

    @property
    def codes(self) -> list[str]:
        """Return code within sentences and tables."""
        return [part.content for token in self.tokens for part in token.children or [] if part.type == "code_inline"]

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """Return the blocks of code as their language (empty: indented) and their text."""
        return [(token.info, token.content) for token in self.tokens if token.type in ("fence", "code_block")]

    def examples(self, language: str) -> list[str]:
        return [text for info, text in self.blocks if info == language]

    @property
    def commands(self) -> list[tuple[str, list[str]]]:
        """Return every `manage.py` command in the document, with its options."""
        text = "\n".join([*self.codes, *(block for _, block in self.blocks)])
        return [(match["name"], re.findall(r"(?<!\S)--[a-z-]+", match["rest"])) for match in COMMAND.finditer(text)]


def read(path: Path) -> Text:
    parser = MarkdownIt("commonmark").enable("table")
    return Text(path, tuple(parser.parse(COMMENT.sub("", path.read_text(encoding="utf-8")))))


def guides(language: str) -> dict[str, Text]:
    """Return the documents that exist in every language, by name."""
    return {path.stem: read(path) for path in sorted((DOCS / language).glob("*.md"))}


def everything() -> list[Text]:
    return [read(path) for path in [*sorted(DOCS.rglob("*.md")), *(CHECKOUT / name for name in TOP)]]
