"""Documents: equal headings in both languages; only links, commands, paths and settings that exist."""

import re
from functools import cache
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import get_commands, load_command_class

from instantly.client import OPERATIONS
from instantly.connections.diagnostics import NEEDED
from salesbrain.web.documents import shelf
from salesbrain.web.documents.rendering import address
from tests.docs.documents import CHECKOUT, DOCS, Text, everything, guides, read

EVERYTHING = everything()
NAMES = sorted(guides("en"))
PLACEHOLDERS = {"SUB_WORKSPACE_ID"}
"""Placeholders that a reader replaces, which are no names of settings."""

SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]+")
TOP_LEVEL = {path.name for path in CHECKOUT.iterdir()} - {".local", ".venv", ".git"}
NOT_SAID = re.compile(r"\b(Konversation|Schnipsel|E-Mail-Konto|Austragung|Lieferung|Heilung)", re.IGNORECASE)
"""German words that the glossary replaces by others."""


def test_every_document_is_there_in_both_languages():
    assert set(guides("en")) == set(guides("de"))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_headings(name: str):
    english, german = guides("en")[name], guides("de")[name]
    pairs = list(zip_longest(english.headings, german.headings, fillvalue=(0, "nothing")))
    different = [(ours, theirs) for ours, theirs in pairs if ours[0] != theirs[0]]
    assert not different, f"the first heading without a counterpart: {different[0]}"


def test_both_readmes_have_the_same_headings():
    english, german = (read(CHECKOUT / name).headings for name in ("README.md", "README.de.md"))
    assert [level for level, _ in english] == [level for level, _ in german]


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_examples(name: str):
    english, german = guides("en")[name], guides("de")[name]
    assert [block for block in english.blocks if block[0]] == [block for block in german.blocks if block[0]]
    assert english.commands == german.commands


@pytest.mark.parametrize("name", NAMES)
def test_german_uses_the_words_of_the_glossary(name: str):
    assert not NOT_SAID.findall((DOCS / "de" / f"{name}.md").read_text(encoding="utf-8"))


def test_the_menu_has_every_document():
    listed = [name for _, names in shelf.GROUPS for name in names]
    assert set(listed) == set(NAMES) | set(shelf.SHARED), (
        "name a new document in GROUPS (salesbrain/web/documents/shelf.py)"
    )
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("text", EVERYTHING, ids=str)
def test_every_link_leads_somewhere(text: Text):
    broken = []
    for link in text.links:
        parts = urlsplit(link)
        if parts.scheme:
            broken += [] if parts.scheme == "https" else [link]
            continue
        target = (text.path.parent / unquote(parts.path)).resolve() if parts.path else text.path
        if not target.exists() or (
            parts.fragment and target.suffix == ".md" and unquote(parts.fragment) not in read(target).anchors
        ):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("text", [text for text in EVERYTHING if text.path in shelf.names()], ids=str)
def test_the_pages_serve_what_a_document_links_to(text: Text):
    assert [link for link in text.links if not address(link, text.path, "en")] == []


@pytest.mark.parametrize("text", EVERYTHING, ids=str)
def test_every_command_and_option_exists(text: Text):
    known = get_commands()
    unknown = [
        f"{name} {option}"
        for name, options in text.commands
        for option in ["", *options]
        if name not in known or (option and option not in options_of(name))
    ]
    assert unknown == []


@cache
def options_of(name: str) -> frozenset[str]:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    return frozenset(option for action in parser._actions for option in action.option_strings)


@pytest.mark.parametrize("text", EVERYTHING, ids=str)
def test_every_make_target_exists(text: Text):
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join([*text.codes, *(block for _, block in text.blocks)])
    named = set(re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z]+)", code, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("text", [text for text in EVERYTHING if not text.is_history], ids=str)
def test_every_setting_and_path_exists(text: Text):
    settings = {name for code in text.codes for name in SETTING.findall(code)}
    assert settings - PLACEHOLDERS <= known_names(), "nothing in the code or in .env.example has this name"
    paths = {code for code in text.codes if PATH.fullmatch(code) and code.split("/")[0] in TOP_LEVEL}
    assert [path for path in paths if not (CHECKOUT / path).exists()] == []


@cache
def known_names() -> frozenset[str]:
    """Return every name in capitals of the code and of the configuration."""
    files = [CHECKOUT / name for name in (".env.example", "Makefile", "Procfile", ".ci/run")]
    for top in ("salesbrain", "accounts", "campaigns", "messaging", "instantly", "bench", "tests", ".ci", "deploy"):
        files += [path for path in (CHECKOUT / top).rglob("*") if path.suffix in (".py", ".sql", ".ini", ".yaml")]
    return frozenset(name for path in files for name in SETTING.findall(path.read_text(encoding="utf-8")))


def test_the_scopes_to_give_a_key_are_those_that_are_asked_for():
    rows = [line for line in (DOCS / "en" / "connect-instantly.md").read_text().splitlines() if line.startswith("| ")]
    scopes = [set(re.findall(r"`([a-z_-]+:[a-z]+)`", row)) for row in rows]
    assert {OPERATIONS[name].scope for name in NEEDED} <= next(row for row in scopes if row), (
        "the required row lacks some"
    )
    asked = {operation.scope for operation in OPERATIONS.values()}
    assert set().union(*scopes) <= asked, "no operation asks for these"


def test_the_check_of_headings_can_fail(tmp_path: Path):
    texts = []
    for name, body in (("a", "# One\n\n## Two\n"), ("b", "# Eins\n\n### Zwei\n")):
        (tmp_path / name).write_text(body)
        texts.append(read(tmp_path / name))
    assert [level for level, _ in texts[0].headings] != [level for level, _ in texts[1].headings]
