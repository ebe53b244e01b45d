"""Learned score weights: none below the minimum, better than the shipped ones."""

import random
from datetime import UTC, datetime, timedelta

from messaging.intelligence.scoring.engagement import SHIPPED, Event, RowName, Signal, engagement
from messaging.intelligence.scoring.learning import LARGEST, LEAST_CONTACTS, LEAST_POSITIVES, Example, learn

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def world(contacts: int, seed: int = 1) -> list[Example]:
    """Generate contacts whose outcomes follow clicks, not replies, which have many points in the shipped weights."""
    dice = random.Random(seed)
    found = []
    for _ in range(contacts):
        clicked, replied = dice.random() < 0.4, dice.random() < 0.5
        events = [Event(Signal.SENT, NOW - timedelta(days=5))]
        events += [Event(Signal.HUMAN_CLICK, NOW - timedelta(days=1), str(n)) for n in range(3 * clicked)]
        events += [Event(Signal.HUMAN_REPLY, NOW - timedelta(days=1))] * replied
        found.append(Example(engagement(events, now=NOW), dice.random() < (0.45 if clicked else 0.05)))
    return found


def test_too_few_contacts_or_positives_leave_the_shipped_weights() -> None:
    few = learn(world(LEAST_CONTACTS - 1), version="x")
    assert (few.enough, few.weights, few.calibration) == (False, SHIPPED, None)
    unlucky = [Example(example.engagement, False) for example in world(2000)]
    assert not learn(unlucky, version="x").enough
    barely = [Example(example.engagement, number < LEAST_POSITIVES) for number, example in enumerate(world(2000))]
    assert learn(barely, version="x").enough
    assert not learn(
        [Example(example.engagement, number < LEAST_POSITIVES - 1) for number, example in enumerate(world(2000))],
        version="x",
    ).enough


def test_excluded_contacts_do_not_count_towards_the_minimum() -> None:
    excluded = Example(engagement([Event(Signal.BOUNCED, NOW)], now=NOW), True)
    found = learn([*world(LEAST_CONTACTS - 1), *[excluded] * 500], version="x")
    assert (found.enough, found.contacts) == (False, LEAST_CONTACTS - 1)


def test_rows_that_predict_gain_and_rows_that_do_not_lose() -> None:
    found = learn(world(4000), version="acme-1")
    factors = found.weights.factors
    assert factors[RowName.HUMAN_CLICKS] > 1.5 > 0.5 > factors[RowName.HUMAN_REPLY]
    assert all(0 <= factor <= LARGEST for factor in factors.values())
    assert found.weights.version == "acme-1"


def test_chance_of_unseen_contacts_is_calibrated() -> None:
    found = learn(world(4000), version="x")
    assert found.calibration
    chances: dict[int, list[tuple[float, bool]]] = {}
    for example in world(4000, seed=2):
        score = sum(round(row.points * found.weights.of(row.name)) for row in example.engagement.rows)
        chances.setdefault(score > 150, []).append((found.calibration.chance(score), example.positive))
    for listed in chances.values():
        predicted, happened = (sum(values) / len(listed) for values in zip(*listed, strict=True))
        assert abs(predicted - happened) < 0.07


def test_expected_and_observed_shares_of_other_contacts_are_listed_by_fifths() -> None:
    found = learn(world(4000), version="x")
    assert found.calibration
    bins = found.calibration.bins
    assert [each.contacts for each in bins] == [800] * 5
    assert [each.expected for each in bins] == sorted(each.expected for each in bins)
    assert 0 < found.calibration.error < 0.03
    stored = found.calibration.as_json()
    assert len(stored["bins"]) == 5 and stored["error"] == round(found.calibration.error, 4)


def test_order_of_examples_changes_nothing() -> None:
    examples = world(1500)
    assert learn(examples, version="x") == learn(examples[::-1], version="x")
