"""Removal of quotes from example replies of mail programs in four languages.

German, English, French and Dutch, and manual quoting.
"""

import pytest

from messaging.mail_text import reply_text
from tests.messaging.mail_text.shapes import shapes

SHAPES = shapes()


@pytest.mark.parametrize("shape", SHAPES, ids=[shape["name"] for shape in SHAPES])
def test_a_reply_is_cut_to_the_words_of_its_writer(shape):
    reply = reply_text(shape["text"], shape["html"], shape["snippet"], subject=shape["subject"])
    assert reply.text == shape["expected"]
    assert [word for word in shape["must_contain"] if word not in reply.text] == []
    assert [word for word in shape["must_not_contain"] if word in reply.text] == []
    assert not reply.is_truncated


def test_there_are_shapes_of_every_program_and_language():
    assert len(SHAPES) >= 120
    programs = {shape["client"].split()[0] for shape in SHAPES if shape["client"]}
    assert programs >= {"Outlook", "Gmail", "Apple", "Yahoo", "Thunderbird", "web.de", "GMX", "iPhone", "Samsung"}
    for language in ("de", "en", "fr", "nl"):
        assert sum(shape["language"] == language for shape in SHAPES) >= 15, language


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        ({"text": "Yes"}, "text"),
        ({"html": "<p>Yes</p>"}, "html"),
        ({"snippet": "Yes"}, "snippet"),
        ({"text": "Yes", "snippet": "No"}, "text"),
        ({"text": "See the HTML", "html": "<p>Yes</p>"}, "text and html"),
        ({}, ""),
    ],
)
def test_a_reply_names_its_source_part(parts, source):
    assert reply_text(**parts).source == source


def test_a_truncated_reply_ends_with_a_mark():
    reply = reply_text("word " * 300_000)
    assert reply.is_truncated and reply.text.endswith("word\n[…]") and len(reply.text) <= 1_000_010
