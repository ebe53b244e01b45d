"""Differences between simulated leads: a few open, click and answer far more often than most."""

from uuid import UUID

import pytest

from instantly.emulator.life.reactions import keen


def test_leads_differ_while_the_average_stays() -> None:
    drawn = [keen(str(UUID(int=number)), 0.1) for number in range(5_000)]
    assert 0.08 < sum(drawn) / len(drawn) < 0.12
    assert max(drawn) > 5 * min(drawn)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_probabilities_of_0_and_1_are_unchanged(probability: float) -> None:
    assert {keen(str(number), probability) for number in range(200)} == {probability}
