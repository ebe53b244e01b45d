"""Outcomes by score band: Wilson intervals, quarters, and a score that predicts nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.intelligence.scoring.bands import Band, Outcome, bands, quarter, quarter_before, verdict, wilson

Q4 = (2026, 4)
DAY = date(2026, 11, 1)


def outcomes(band: str, contacts: int, positives: int, on: date = DAY) -> list[Outcome]:
    return [Outcome(f"{band}{number}", band, number < positives, on) for number in range(contacts)]


@pytest.mark.parametrize(
    ("positives", "contacts", "low", "high"),
    # Known values of the interval without continuity correction (Newcombe 1998, table I, and 0 and all of 10).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0), (0, 0, 0.0, 1.0)],
)  # fmt: skip
def test_wilson_interval_equals_published_values(positives: int, contacts: int, low: float, high: float) -> None:
    assert wilson(positives, contacts) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_interval_contains_the_share(positives: int, more: int) -> None:
    low, high = wilson(positives, positives + more)
    assert 0 <= low <= positives / (positives + more) <= high <= 1


def test_bands_of_a_quarter_are_counted_once_a_contact() -> None:
    twice = [Outcome("a", "C3", False, date(2026, 10, 1)), Outcome("a", "A1", True, date(2026, 10, 9))]
    found = bands(
        [*twice, *twice, *outcomes("A1", 9, 0), *outcomes("B2", 5, 5, date(2026, 9, 30))], ["A1", "C3"], of=Q4
    )
    assert [(band.name, band.contacts, band.positives) for band in found] == [("A1", 10, 1), ("C3", 0, 0)]
    assert found[1].rate is None


def test_top_band_below_twice_the_base_rate_does_not_predict() -> None:
    counted = bands(outcomes("A1", 100, 19) + outcomes("C3", 900, 81), ["A1", "C3"], of=Q4)
    found = verdict(counted)
    assert (found.predicts, found.base_rate, found.top_rate) == (False, 0.1, 0.19)


def test_top_band_of_twice_the_base_rate_predicts() -> None:
    found = verdict(bands(outcomes("A1", 100, 20) + outcomes("C3", 900, 80), ["A1", "C3"], of=Q4))
    assert found.predicts
    assert found.lift == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("top", "positives", "others", "enough"),
    [((10, 8), 2, 40, True), ((9, 8), 2, 41, False), ((10, 7), 2, 40, False), ((10, 8), 2, 39, False)],
    ids=["enough", "a small top band", "few positives", "few contacts"],
)
def test_few_cases_say_nothing(top: tuple[int, int], positives: int, others: int, enough: bool) -> None:
    found = verdict(bands(outcomes("A1", *top) + outcomes("C3", others, positives), ["A1", "C3"], of=Q4))
    assert (found.enough, found.predicts) == (enough, enough)


@pytest.mark.parametrize("counted", [[], [Band("A1", 0, 0, None, 0, 1)], [Band("A1", 9, 0, 0.0, 0, 0.3)]])
def test_bands_without_contacts_predict_nothing(counted: list[Band]) -> None:
    assert not verdict(counted).predicts


def test_quarters() -> None:
    assert quarter(date(2026, 12, 31)) == (2026, 4)
    assert quarter_before((2026, 1)) == (2025, 4)
    assert quarter_before(Q4) == (2026, 3)
