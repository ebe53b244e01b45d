"""Engagement score: sum of its rows, from events alone, and people without a score."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.intelligence.scoring.engagement import (
    CATEGORY_POINTS,
    Engagement,
    Event,
    RowName,
    Signal,
    Weights,
    engagement,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
REFUSALS = {Signal.DECLINED, Signal.UNSUBSCRIBED, Signal.COMPLAINED, Signal.BOUNCED}


def histories(signals: list[Signal], categories: list[str], least: int, hours: int) -> st.SearchStrategy[list[Event]]:
    ages = st.integers(-48, hours).map(lambda hours: NOW - timedelta(hours=hours))
    events = st.builds(
        Event, st.sampled_from(signals), ages, st.sampled_from(["", "1", "2"]), st.sampled_from(categories)
    )
    return st.lists(events, min_size=least, max_size=40)


EVENTS = st.one_of(
    histories(list(Signal), [*CATEGORY_POINTS, "not_interested", "unsubscribe", "complaint", "unheard of"], 0, 2000),
    # Most of the above are excluded for one refusal: these are scored, with many rows.
    histories([signal for signal in Signal if signal not in REFUSALS], ["interested", "question", "meeting"], 20, 200),
)
WEIGHTS = st.dictionaries(st.sampled_from(RowName), st.floats(0, 3), max_size=8).map(
    lambda factors: Weights("drawn", factors)
)


def ago(signal: Signal, days: float, id: str = "", category: str = "") -> Event:
    return Event(signal, NOW - timedelta(days=days), id, category)


def points(found: Engagement) -> dict[RowName, int]:
    return {row.name: row.points for row in found.rows}


@given(events=EVENTS, weights=WEIGHTS)
def test_score_is_the_sum_of_at_most_ten_rows(events: list[Event], weights: Weights) -> None:
    found = engagement(events, now=NOW, weights=weights)
    assert len(found.rows) <= 10
    assert len({row.name for row in found.rows}) == len(found.rows)
    if found.excluded:
        assert (found.score, found.level, found.rows) == (None, None, ())
    else:
        assert found.score == sum(row.points for row in found.rows)
        assert found.level in (1, 2, 3)


@given(events=EVENTS, data=st.data())
def test_order_and_duplicates_change_nothing(events: list[Event], data: st.DataObject) -> None:
    other = data.draw(
        st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else events)
    )
    assert engagement(other, now=NOW) == engagement(events, now=NOW)


@given(events=EVENTS)
def test_machine_and_future_events_add_nothing(events: list[Event]) -> None:
    more = [
        *events,
        ago(Signal.MACHINE_OPEN, 0.1, "m"),
        ago(Signal.MACHINE_CLICK, 0.1, "m"),
        ago(Signal.HUMAN_REPLY, -1, "later"),
    ]
    assert engagement(more, now=NOW).score == engagement(events, now=NOW).score


def test_half_of_a_reply_is_left_after_fourteen_days() -> None:
    fresh, aged, old = (engagement([ago(Signal.HUMAN_REPLY, days)], now=NOW).score for days in (0, 14, 28))
    assert (fresh, aged, old) == (300, 150, 75)


def test_openings_are_capped_and_low() -> None:
    found = engagement([ago(Signal.HUMAN_OPEN, 0, str(n)) for n in range(100)], now=NOW)
    assert points(found) == {RowName.HUMAN_OPENS: 30}
    assert (found.rows[0].count, found.level) == (100, 3)


def test_clicks_are_capped() -> None:
    assert points(engagement([ago(Signal.HUMAN_CLICK, 0, str(n)) for n in range(9)], now=NOW)) == {
        RowName.HUMAN_CLICKS: 120
    }


@pytest.mark.parametrize(("hours", "speed"), [(2, 100), (24, 100), (25, 50), (72, 50), (73, None)])
def test_speed_counts_from_our_mail_before_the_answer(hours: int, speed: int | None) -> None:
    events = [
        Event(Signal.HUMAN_REPLY, NOW),
        Event(Signal.SENT, NOW - timedelta(hours=hours)),
        Event(Signal.SENT, NOW - timedelta(days=90)),
    ]
    assert points(engagement(events, now=NOW)).get(RowName.SPEED) == speed


def test_answer_without_a_mail_of_ours_has_no_speed() -> None:
    assert RowName.SPEED not in points(engagement([ago(Signal.HUMAN_REPLY, 1), ago(Signal.SENT, 0)], now=NOW))


def test_booked_meeting_and_interest_are_the_first_level() -> None:
    events = [
        ago(Signal.SENT, 2),
        ago(Signal.HUMAN_REPLY, 1),
        ago(Signal.CATEGORY, 1, "", "meeting"),
        ago(Signal.MEETING, 0),
    ]
    assert engagement(events, now=NOW).level == 1
    assert engagement(events[:1], now=NOW).level == 3


@pytest.mark.parametrize(
    ("events", "excluded"),
    [
        ([ago(Signal.UNSUBSCRIBED, 100)], "unsubscribed"),
        ([ago(Signal.COMPLAINED, 100)], "complained"),
        ([ago(Signal.BOUNCED, 100)], "bounced"),
        ([ago(Signal.DECLINED, 100)], "declined"),
        ([ago(Signal.CATEGORY, 9, "", "not_interested")], "declined"),
        ([ago(Signal.CATEGORY, 9, "", "unsubscribe")], "unsubscribed"),
        ([ago(Signal.CATEGORY, 9, "", "complaint")], "complained"),
        ([ago(Signal.DECLINED, 9), ago(Signal.MEETING, 1)], ""),
        ([ago(Signal.DECLINED, 1), ago(Signal.MEETING, 9)], "declined"),
        ([ago(Signal.CATEGORY, 9, "", "not_interested"), ago(Signal.CATEGORY, 1, "", "interested")], ""),
        ([ago(Signal.UNSUBSCRIBED, 9), ago(Signal.MEETING, 1)], "unsubscribed"),
        ([ago(Signal.UNSUBSCRIBED, -1)], ""),
    ],
)
def test_refusals_exclude_and_do_not_score_low(events: list[Event], excluded: str) -> None:
    found = engagement([ago(Signal.HUMAN_REPLY, 1), *events], now=NOW)
    assert found.excluded == excluded
    assert (found.score is None) == bool(excluded)


def test_learned_weights_change_rows_and_their_sum_alike() -> None:
    events = [ago(Signal.HUMAN_REPLY, 0), ago(Signal.HUMAN_CLICK, 0)]
    found = engagement(events, now=NOW, weights=Weights("acme-3", {RowName.HUMAN_REPLY: 0.5}))
    assert points(found) == {RowName.HUMAN_REPLY: 150, RowName.HUMAN_CLICKS: 40}
    assert (found.score, found.weights_version) == (190, "acme-3")
