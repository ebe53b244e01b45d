"""Escaping of CSV cells: no spreadsheet runs a formula, and texts are restored unchanged."""

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesbrain.exporting import neutralize, restore
from salesbrain.exporting.cells import SIGNS, cell

BEGINS_A_FORMULA = re.compile(rf"[\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u3000\ufeff]*{SIGNS}")
BLANKS = ["", " ", "\t", "\xa0", "\ufeff", "\u3000", "\u200b", " \ufeff\t"]
ALL_SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
AWKWARD = st.text(st.sampled_from("=+-@\uff1d;,'\"\r\n\t \xa0\ufeff\u3000ax1\u2028"), max_size=30)


def cells_of(text: str, delimiter: str) -> list[str]:
    """Return the cells a spreadsheet makes of a row with this text, in a file separated by commas, when it separates by another sign."""
    written = io.StringIO(newline="")
    csv.writer(written).writerow(["first", neutralize(text), "last"])
    reader = csv.reader(io.StringIO(written.getvalue(), newline=""), delimiter=delimiter)
    return [found for row in reader for found in row]


@pytest.mark.parametrize("sign", ALL_SIGNS)
@pytest.mark.parametrize("blank", BLANKS)
def test_a_cell_that_begins_with_a_sign_gets_an_apostrophe_in_front(blank: str, sign: str) -> None:
    assert neutralize(f"{blank}{sign}cmd") == f"'{blank}{sign}cmd"


@pytest.mark.parametrize("sign", ALL_SIGNS)
@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("end", [";", "\n", "\r\n"])
def test_text_after_a_separator_gets_an_apostrophe_too(end: str, blank: str, sign: str) -> None:
    assert neutralize(f"foo{end}{blank}{sign}cmd") == f"foo{end}'{blank}{sign}cmd"


@pytest.mark.parametrize(
    "text", ["foo;bar", "a = b", "me@example.com", "2026-07-01", "x; y", "Re: +1", "it's", "'quoted'", "", "foo\nbar"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert neutralize(text) == text


@given(AWKWARD, st.sampled_from([",", ";"]))
def test_no_cell_is_a_formula_whatever_separates_them(text: str, delimiter: str) -> None:
    assert not [found for found in cells_of(text, delimiter) if BEGINS_A_FORMULA.match(found)]


@given(AWKWARD)
def test_a_cell_is_read_back_as_it_was(text: str) -> None:
    assert restore(neutralize(text)) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (-5, "-5"),
        (-0.25, "-0.25"),
        (True, "true"),
        (False, "false"),
        ("-5", "'-5"),
        (["a;=b"], '["a;\'=b"]'),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_numbers_stay_numbers_and_texts_that_look_like_them_do_not(value: Any, written: str) -> None:
    assert cell(value) == written


@pytest.mark.parametrize("piece", [" ", "\t", "\n", "\r\n", "; ", ";", "'", ";'", '"', '; "', "\xa0"])
def test_a_long_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    """Scanning again from each position would take hours; the test would then time out."""
    text = piece * 500_000
    assert restore(neutralize(text)) == text
