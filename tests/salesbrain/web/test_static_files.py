"""Static files and templates: vendored ones unchanged, our own small and allowed by the CSP."""

import gzip
import re
from hashlib import sha256

import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
TEMPLATES = sorted(
    path
    for path in (settings.BASE_DIR / "templates").rglob("*.html")
    if path.parent.name not in ("admin", "salesbrain")
)
VENDORED = {
    "htmx-4.0.1.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "uplot-1.6.32.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uplot-1.6.32.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}
"""SHA-256 of the files as npm serves them (htmx.org 4.0.1, uplot 1.6.32)."""


def test_vendored_files_are_the_published_ones():
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in (STATIC / "vendor").glob("*.min.*")}
    assert found == VENDORED


def test_licences_of_vendored_files_are_there():
    text = (STATIC / "vendor" / "LICENSES.txt").read_text()
    assert all(name in text for name in ("htmx 4.0.1", "uPlot 1.6.32", "Lucide 1.62.0", "MIT License", "ISC License"))


@pytest.mark.parametrize(
    ("name", "most"),
    [("web.css", 30 * 1024), *((name, 8_000) for name in ("app.js", "chart.js", "inbox.js", "composer.js"))],
    ids=["web.css", "app.js", "chart.js", "inbox.js", "composer.js"],
)
def test_our_own_files_stay_small(name, most):
    assert (STATIC / "salesbrain" / name).stat().st_size <= most


def test_what_every_page_loads_is_below_40_kilobytes():
    files = ("salesbrain/web.css", "salesbrain/app.js", "salesbrain/icon.svg", "vendor/htmx-4.0.1.min.js")
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in files) < 40_000


UNSAFE = {
    r"\sstyle\s*=": "a style attribute: use a class",
    r"\son\w+\s*=": "an event attribute: use app.js",
    r"\bhx-on\b": "hx-on evaluates text",
    r"[\"'\s]js:": "js: evaluates text",
    r"\bhx-(?:vals|headers)\s*=\s*[\"']\s*javascript:": "javascript: evaluates text",
    r"\bhx-trigger\s*=\s*\"[^\"]*\[": "a filter in hx-trigger evaluates text",
    r"<script(?![^>]*\b(?:src|type=\"application/json\"))": "a script of the page's own",
    r"(?:src|href)\s*=\s*[\"'](?:https?:)?//": "an address of somebody else's",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_need_nothing_that_the_content_policy_refuses(path):
    text = path.read_text()
    assert [why for pattern, why in UNSAFE.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="x">',
        '<p onclick="x">',
        '<p hx-on:click="x">',
        '<p hx-vals="js:{}">',
        '<p hx-trigger="click[x]">',
        "<script>x</script>",
    ],
)
def test_the_template_check_finds_a_violation(text):
    assert any(re.search(pattern, text) for pattern in UNSAFE)


def test_every_icon_is_there_and_none_is_unused():
    code = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
    used = set(re.findall(r"{% icon \"([\w-]+)\"", code))
    for package in ("salesbrain", "accounts", "campaigns", "messaging", "instantly"):
        for path in (settings.BASE_DIR / package).rglob("apps.py"):
            used |= set(re.findall(r"Entry\([^)]*?\), \"\w+\", \"([\w-]+)\"", path.read_text()))
    there = {path.stem for path in (settings.BASE_DIR / "salesbrain" / "web" / "icons").glob("*.svg")}
    assert used == there
