"""Compare reply rates of variants statistically: Wilson intervals, and whether one is clearly best."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

Z = 1.96
"""Quantile of the normal distribution for 95 %."""

FEW = 100
"""Sent mails of a variant below which its rate is not compared."""


class Verdict(StrEnum):
    ALONE = "alone"  # there is nothing to compare
    TOO_FEW = "too_few"
    OPEN = "open"  # enough sends, and still no difference beyond chance
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Sample:
    """Result of one variant (`name`: its number): `hits` of `sent` emails had the counted effect, such as a reply."""

    name: int
    sent: int
    hits: int

    @property
    def rate(self) -> float | None:
        return min(1.0, self.hits / self.sent) if self.sent > 0 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.sent)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Result of comparing variants. `leader` has the highest rate, None if two are equal; `fewest`: number of emails in the smaller
    sample."""

    verdict: Verdict
    leader: Sample | None = None
    runner_up: Sample | None = None
    fewest: int = 0


def wilson(hits: int, sent: int) -> tuple[float, float] | None:
    """Return the 95 % score interval of a rate as fractions; None where nothing was sent.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    if sent <= 0:
        return None
    rate = min(max(hits, 0), sent) / sent
    spread = Z * sqrt(rate * (1 - rate) / sent + Z * Z / (4 * sent * sent))
    middle, scale = rate + Z * Z / (2 * sent), 1 + Z * Z / sent
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def compare(samples: Sequence[Sample]) -> Comparison:
    """Return which sample has the highest rate, and whether it is significantly higher than every other one."""
    tried = sorted((sample for sample in samples if sample.sent > 0), key=lambda s: (-(s.rate or 0), s.name))
    if len(tried) < 2:
        return Comparison(Verdict.ALONE)
    leader, runner_up = tried[0], tried[1]
    fewest = min(leader.sent, runner_up.sent)
    is_equal = leader.rate == runner_up.rate
    if all(_exceeds(leader, other) for other in tried[1:]):
        return Comparison(Verdict.DECIDED, leader, runner_up, fewest)
    verdict = Verdict.TOO_FEW if fewest < FEW else Verdict.OPEN
    return Comparison(verdict, None if is_equal else leader, runner_up, fewest)


def _exceeds(one: Sample, other: Sample) -> bool:
    """Return whether the difference of two rates is above 0 at its lower end, by Newcombe's interval (1998, method 10)."""
    (low, _), (_, high) = wilson(one.hits, one.sent) or (0.0, 0.0), wilson(other.hits, other.sent) or (0.0, 1.0)
    rate, against = one.rate or 0.0, other.rate or 0.0
    return rate - against - sqrt((rate - low) ** 2 + (high - against) ** 2) > 0
