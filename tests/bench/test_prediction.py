"""Arithmetic of the comparison of scores with outcomes: best tenth, ties, the day."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.prediction import lift, on_moments
from messaging.intelligence.scoring.engagement import Event, Signal

NOW = datetime(2025, 11, 1, tzinfo=UTC)


def test_the_best_tenth_is_compared_with_everybody():
    found = lift([(100 - n, n < 5) for n in range(100)])
    assert (found["base"], found["top"], found["lift"]) == (0.05, 0.5, pytest.approx(10))


def test_equal_scores_at_the_cut_count_with_their_mean():
    assert lift([(0, n < 10) for n in range(100)])["lift"] == pytest.approx(1)
    assert lift([(5, True)] * 5 + [(0, n < 5) for n in range(95)])["top"] == pytest.approx((5 + 5 * 5 / 95) / 10)


def test_nobody_positive_is_no_lift():
    assert lift([(1, False)])["lift"] == lift([])["lift"] == 0


def test_only_what_follows_the_day_counts_as_its_outcome():
    events = [
        Event(Signal.SENT, NOW - timedelta(days=20)),
        Event(Signal.CATEGORY, NOW - timedelta(days=10), category="interested"),
        Event(Signal.MEETING, NOW + timedelta(days=3)),
    ]
    assert [positive for _, positive in on_moments(events, [NOW, NOW + timedelta(days=4)])] == [True, False]
    assert not list(on_moments(events, [NOW + timedelta(days=90)])), "we are no longer in touch"
