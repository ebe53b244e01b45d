"""Linear time and bounded output of text extraction for hostile mails.

Full sizes: `python -m tests.fuzz.hostile_text`.
"""

import re
from time import process_time

import nh3
import pytest

from messaging.mail_text import (
    balance,
    html_lines,
    html_marks,
    html_to_text,
    limits,
    openers,
    replies,
    reply_text,
    sanitize_html,
    tokens,
)
from messaging.mail_text.lines import readable
from messaging.mail_text.showing import show_html
from tests.fuzz.hostile import ALL, TEXTS

SIZE = 25_000
LATITUDE = 3
NOISE = 0.1
"""Seconds below which differences are noise of the machine."""


@pytest.fixture(params=ALL, ids=[hostile.name for hostile in ALL])
def hostile(request):
    return request.param


def work(hostile, size):
    """Return the CPU seconds for processing such a mail, the shorter of two tries."""
    mail = hostile.make(size)
    times = []
    for _ in range(2):
        began = process_time()
        if hostile.part == "text":
            reply_text(mail)
        else:
            reply_text("", mail)
            sanitize_html(mail)
        times.append(process_time() - began)
    return min(times)


def test_twice_the_mail_is_at_most_twice_the_work(hostile):
    once, twice = work(hostile, SIZE), work(hostile, 2 * SIZE)
    assert twice <= LATITUDE * once + NOISE


def test_output_is_bounded_and_storable_without_exceptions(hostile):
    mail = hostile.make(SIZE)
    outputs = [
        reply_text(mail).text,
        reply_text("", mail).text,
        sanitize_html(mail),
        html_to_text(mail),
        show_html(mail),
    ]
    for output in outputs:
        assert "\0" not in output
        output.encode()
        assert len(output) <= limits.MAX_OUTPUT
    assert len(outputs[0]) <= len(mail)
    assert len(outputs[1]) <= 4 * len(mail)  # marks of lists


def test_sanitized_html_is_no_deeper_than_allowed(hostile):
    """Parsers insert a <tbody> into each table, so nested tables may be one level deeper than the limit."""
    depth = deepest = 0
    for kind, _, name in tokens.tokens(sanitize_html(hostile.make(SIZE))):
        if kind != tokens.TEXT and name not in balance.VOID:
            depth += 1 if kind == tokens.START else -1
            deepest = max(deepest, depth)
    assert deepest <= limits.MAX_DEPTH * 4 / 3 + balance.ROOM_FOR_TABLE


def test_rewriting_does_not_change_the_sanitized_result():
    """Were they different, the sanitizer would have opened or moved elements on its own, which is how short HTML gets long."""
    policy = nh3.Cleaner(tags=nh3.ALLOWED_TAGS - {"img"})
    for name in ("misnested", "list in list", "<td> unclosed", "formatting opened again", "table in table"):
        hostile = next(each for each in ALL if each.name == f"html: {name}")
        ready = balance.balanced(hostile.make(SIZE), nh3.ALLOWED_TAGS - {"img"}, {})
        assert len(policy.clean(ready)) <= 1.3 * len(ready) + 100, name


def test_there_are_enough_hostile_mails_and_no_two_of_a_name():
    names = [hostile.name for hostile in ALL]
    assert len(names) == len(set(names)) and len(TEXTS) >= 40 and len(names) >= 150


@pytest.mark.parametrize("module", [html_lines, html_marks, openers, replies, tokens])
def test_no_pattern_backtracks(module):
    """Each repetition in a pattern is possessive, of a single class, or at most 20 long, so that matching is linear."""
    for name, pattern in vars(module).items():
        if not isinstance(pattern, re.Pattern):
            continue
        without_sets = re.sub(r"\[(?:\\.|[^\]\\])*\]|\\.", "x", pattern.pattern)
        for quantifier in re.findall(r"(?:[*+]|\{\d*,?\d*\})[+?]?", without_sets.replace("(?", "(").replace("?+", "")):
            greatest = re.search(r"(\d+)\}", quantifier)
            is_short = greatest is not None and int(greatest[1]) <= 20
            is_single = re.fullmatch(r"x[*+]", without_sets) is not None
            assert quantifier.endswith("+") and len(quantifier) > 1 or is_short or is_single, (name, pattern.pattern)


def test_unstorable_characters_are_replaced():
    assert readable("a\0b\ud800c") == "ab\ufffdc"


def test_html_longer_than_is_kept_is_cut_with_a_mark():
    cleaned = sanitize_html("<p>first</p><p>kiwano</p>" + "&" * 600_000)
    assert cleaned.startswith("<p>first") and "kiwano" in cleaned and cleaned.endswith("<p>[…]</p>")
    assert limits.MAX_OUTPUT * 0.9 < len(cleaned) <= limits.MAX_OUTPUT
    assert len(sanitize_html("<" * limits.MAX_INPUT)) > limits.MAX_OUTPUT * 0.9


def test_words_behind_the_last_tag_that_is_read_are_kept():
    html = "<p>first</p>" + "<b>x</b>" * limits.MAX_TAGS + "<p>kiwano"
    assert "kiwano" in sanitize_html(html) and "kiwano" in html_to_text(html) and "kiwano" in reply_text("", html).text
