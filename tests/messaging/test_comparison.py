"""Wilson intervals, and the comparison of A/B variants, in numbers and in words."""

import pytest
from django.utils import translation

from messaging.comparison import Sample, Verdict, compare, wilson
from messaging.step_comparison import StepFigures
from messaging.web.comparison_words import comparison_sentence, interval_words


@pytest.mark.parametrize(
    ("hits", "sent", "low", "high"),
    # From Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(hits, sent, low, high):
    found = wilson(hits, sent)
    assert found is not None and found == pytest.approx((low, high), abs=0.0001)


def test_nothing_sent_has_no_interval():
    assert wilson(0, 0) is None
    assert interval_words(Sample(1, 0, 0)) == "–"


def test_more_hits_than_sends_stay_within_the_whole():
    found = wilson(3, 2)
    assert found is not None and 0 <= found[0] <= found[1] <= 1


def sentence(*samples: tuple[int, int]) -> str:
    made = [Sample(number, sent, hits) for number, (sent, hits) in enumerate(samples, start=1)]
    return comparison_sentence(StepFigures(1, [], compare(made), None))


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([(500, 20)], ""),
        ([(500, 20), (0, 0)], ""),
        ([(60, 3), (41, 4)], "B leads, but 41 sends are too few to tell."),
        ([(1, 1), (1, 0)], "A leads, but 1 send is too few to tell."),
        ([(400, 20), (410, 24)], "B leads, but after 400 sends each it may still be chance."),
        ([(400, 20), (400, 20)], "No difference so far."),
        ([(1000, 30), (1000, 80)], "B is better: 8.0\u00a0% against 3.0\u00a0% of A, more than chance explains."),
    ],
)
def test_the_sentence_says_what_the_figures_allow(samples, words):
    with translation.override("en"):
        assert sentence(*samples) == words


def test_the_best_of_three_must_beat_both():
    found = compare([Sample(1, 1000, 80), Sample(2, 1000, 75), Sample(3, 1000, 20)])
    assert found.verdict is Verdict.OPEN and found.leader is not None and found.leader.name == 1


def test_a_small_lead_of_a_huge_sample_is_decided():
    assert compare([Sample(1, 10**6, 50_000), Sample(2, 10**6, 52_000)]).verdict is Verdict.DECIDED
