"""Templates that others extend or include by a constant name exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

CHECKOUT = Path(__file__).resolve().parents[3]
NAMED = re.compile(r"""{%\s*(?:extends|include)\s+["']([^"']+)["']""")


def templates() -> list[Path]:
    return sorted((CHECKOUT / "templates").rglob("*.html"))


def names(text: str) -> Iterator[str]:
    yield from NAMED.findall(text)


def missing(text: str) -> list[str]:
    """Return the names in a template's text that no loader finds."""
    found = []
    for name in names(text):
        try:
            get_template(name)
        except TemplateDoesNotExist:
            found.append(name)
    return found


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(CHECKOUT / "templates")))
def test_every_template_that_is_extended_or_included_exists(path: Path) -> None:
    assert not missing(path.read_text(encoding="utf-8"))


def test_a_missing_template_is_noticed() -> None:
    assert missing('{% include "admin/nowhere.html" with row=1 %}{% extends "web/base.html" %}') == [
        "admin/nowhere.html"
    ]
