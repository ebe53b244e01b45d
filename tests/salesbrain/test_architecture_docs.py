"""Architecture documents: existing paths, a complete picture of the packages, and equal languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
APPS = ("salesbrain", "accounts", "campaigns", "messaging", "instantly")
UNPICTURED = ("management", "migrations", "formats", "emulator")
"""Folders whose own contents are not in the picture: Django's, locale formats, and the emulator's inner packages."""

CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.env\.example|Procfile|[\w.-]+\.(?:md|toml)|(?:[\w.-]+/)+[\w.-]+")
RELATIVE = ("management/commands",)
"""Paths below any app."""

TEN = ("Ten everyday changes", "Zehn alltägliche Änderungen")
FEWEST_FILES = 3
"""Files that a change must name at least: code, its test or document, and its registration."""


@pytest.fixture(params=["en", "de"])
def document(request: pytest.FixtureRequest) -> str:
    return read(request.param)


def read(language: str) -> str:
    return (CHECKOUT / "docs" / language / "architecture.md").read_text(encoding="utf-8")


def named_paths(text: str) -> list[str]:
    return [code for code in CODE.findall(text) if PATH.fullmatch(code) and code not in RELATIVE]


def pictured(text: str) -> list[str]:
    """Return the packages of the picture: paths in indented lines."""
    lines = "\n".join(line for line in text.splitlines() if line.startswith("    "))
    return [path for path in re.findall(r"(?:[a-z_]+/)+[a-z_]+", lines) if "." not in path]


def packages() -> Iterator[str]:
    for app in APPS:
        for init in sorted((CHECKOUT / app).glob("*/**/__init__.py")):
            parts = init.parent.relative_to(CHECKOUT).parts
            if not any(part in UNPICTURED for part in parts[1:-1]) and parts[-1] not in UNPICTURED[:3]:
                yield "/".join(parts)


def test_every_named_path_exists(document: str):
    paths = named_paths(document)
    assert len(paths) > 60
    assert not [path for path in paths if not (CHECKOUT / path).exists()]


def test_every_package_is_in_the_picture_and_every_pictured_one_exists(document: str):
    shown = pictured(document)
    assert not set(packages()) - set(shown), "add these packages to docs/*/architecture.md, section Packages"
    assert not [path for path in shown if not (CHECKOUT / path).exists() and not (CHECKOUT / f"{path}.py").exists()]


def changes(text: str) -> dict[str, list[str]]:
    """Return the paths of each row in the table of everyday changes, by the row's name."""
    section = next(part for part in re.split(r"^## ", text, flags=re.MULTILINE) if part.startswith(TEN))
    rows = [line.split("|") for line in section.splitlines() if line.startswith("|")][2:]
    return {row[1].strip(): named_paths(row[2]) for row in rows}


def test_ten_everyday_changes_name_the_files_they_touch(document: str):
    found = changes(document)
    assert len(found) == 10
    assert all(len(paths) >= FEWEST_FILES for paths in found.values()), found


def test_both_languages_have_the_same_headings_and_paths():
    english, german = read("en"), read("de")
    sections = [re.split(r"^(?=#+ )", text, flags=re.MULTILINE)[1:] for text in (english, german)]
    assert [section.split(" ")[0] for section in sections[0]] == [section.split(" ")[0] for section in sections[1]]
    for ours, theirs in zip(*sections, strict=True):
        heading = ours.partition("\n")[0]
        assert (heading, named_paths(ours), pictured(ours)) == (heading, named_paths(theirs), pictured(theirs))
