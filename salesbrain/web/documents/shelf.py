"""Documents and files that `/docs` serves, by name.

Everything that can be requested is in these tables, which are filled from the checkout once. A name from a request is only ever looked up
in them and never becomes part of a path.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
LANGUAGES = ("en", "de")
START = "index"

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Begin"), (START, "getting-started", "connect-instantly", "pages", "comparison")),
    (_("Connect programs"), ("api", "webhooks", "instantly-api-features")),
    (_("Operate"), ("install", "operations", "runbooks", "scaling", "performance", "reliability")),
    (_("Protect data"), ("security", "isolation")),
    (
        _("Develop"),
        (
            "architecture",
            "workspace-design",
            "implementation-guide",
            "contributing",
            "glossary",
            "decisions",
            "changelog",
        ),
    ),
)
"""Order of the documents in the menu. A test refuses a guide that is in no group."""

SHARED = {
    "contributing": ROOT / "CONTRIBUTING.md",
    "changelog": ROOT / "CHANGELOG.md",
    "glossary": DOCS / "glossary.md",
    "decisions": DOCS / "decisions" / "README.md",
}
"""Documents for developers, in English only; the glossary contains the German words."""

FILE_TYPES = {".png": "image/png", ".txt": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Document:
    """One document in one language. `language` is that of its text, which for a shared document is English on German pages too."""

    name: str
    language: str
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        return title_of(self.path)


@cache
def title_of(path: Path) -> str:
    """Return the first heading of a Markdown file, without its markup."""
    lines = path.read_text(encoding="utf-8").splitlines()
    heading = next((line for line in lines if line.startswith("# ")), f"# {path.stem}")
    return heading.removeprefix("# ").replace("`", "")


@cache
def documents(language: str) -> dict[str, Document]:
    """Return every document of the pages in this language, by name."""
    return {document.name: document for document in _found(language)}


def _found(language: str) -> Iterator[Document]:
    for path in sorted((DOCS / language).glob("*.md")):
        yield Document(path.stem, language, path)
    for name, path in SHARED.items():
        if path.exists():
            yield Document(name, "en", path)
    for folder in ("decisions", "tables"):
        for path in sorted((DOCS / folder).glob("*.md")):
            if path.stem != "README":
                yield Document(f"{folder}/{path.stem}", "en", path)


@cache
def names() -> dict[Path, str]:
    """Return the name of each document by its file."""
    return {document.path: document.name for language in LANGUAGES for document in documents(language).values()}


@cache
def files() -> dict[str, Path]:
    """Return what documents show or link to beside other documents: pictures and tables of plain text."""
    found = sorted(path for folder in ("images", "tables") for path in (DOCS / folder).glob("*"))
    return {path.relative_to(DOCS).as_posix(): path for path in found if path.suffix in FILE_TYPES}
