"""Learn the weights of the engagement score from an organization's own outcomes, given enough of them.

The learned score is calibrated to a chance of a positive outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from messaging.intelligence.scoring.engagement import SHIPPED, Engagement, RowName, Weights

LEAST_CONTACTS, LEAST_POSITIVES = 1_000, 120
LEARNED: tuple[RowName, ...] = tuple(name for name in RowName if name is not RowName.MACHINES)
RIDGE = 1.0
STEPS = 30
SMALLEST, LARGEST = 0.0, 3.0
"""Factors stay between: a row never counts against somebody, and no row takes over."""


@dataclass(frozen=True, slots=True)
class Example:
    """A contact's engagement under the shipped weights before its outcome was known, and that outcome."""

    engagement: Engagement
    positive: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """The chance of a positive outcome at a score: 1 / (1 + exp(-(start + slope * score / 100)))."""

    start: float
    slope: float

    def chance(self, score: int) -> float:
        return _logistic(self.start + self.slope * score / 100)


@dataclass(frozen=True, slots=True)
class Learned:
    """Result of learning. With too few contacts (`enough`) `weights` are the shipped ones and `calibration` is None."""

    weights: Weights
    calibration: Calibration | None
    enough: bool
    contacts: int
    positives: int


def learn(examples: Sequence[Example], *, version: str) -> Learned:
    """Learn a factor per row, regularized towards the shipped ones, and calibrate the resulting scores.

    Deterministic, whatever the order of the examples. Excluded contacts are left out and do not count towards the minimum.
    """
    used = sorted(
        (example for example in examples if example.engagement.score is not None),
        key=lambda example: (_features(example), example.positive),
    )
    positives = sum(example.positive for example in used)
    if len(used) < LEAST_CONTACTS or positives < LEAST_POSITIVES or positives == len(used):
        return Learned(SHIPPED, None, False, len(used), positives)
    inputs, outcomes = [_features(example) for example in used], [float(example.positive) for example in used]
    start, slope = _fit([(sum(row),) for row in inputs], outcomes, [0.0])
    scale = max(slope[0], 0.01)
    _, learned = _fit(inputs, outcomes, [scale] * len(LEARNED))
    factors = {
        name: round(min(LARGEST, max(SMALLEST, value / scale)), 2) for name, value in zip(LEARNED, learned, strict=True)
    }
    weights = Weights(version, factors)
    scored = [(sum(value * factors[name] for name, value in zip(LEARNED, row, strict=True)),) for row in inputs]
    start, slope = _fit(scored, outcomes, [0.0])
    return Learned(weights, Calibration(round(start, 4), round(max(0.0, slope[0]), 4)), True, len(used), positives)


def _features(example: Example) -> tuple[float, ...]:
    points = {row.name: row.points / 100 for row in example.engagement.rows}
    return tuple(points.get(name, 0.0) for name in LEARNED)


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-max(-35.0, min(35.0, value))))


def _fit(
    inputs: Sequence[Sequence[float]], outcomes: Sequence[float], towards: Sequence[float]
) -> tuple[float, list[float]]:
    """Fit a logistic regression by Newton's method, with slopes regularized towards given ones; return (start, slopes)."""
    size = len(towards) + 1
    mean = sum(outcomes) / len(outcomes)
    solution = [log(mean / (1 - mean)), *towards]
    for _ in range(STEPS):
        gradient = [0.0, *(-RIDGE * (value - wanted) for value, wanted in zip(solution[1:], towards, strict=True))]
        curvature = [[RIDGE if row == column and row else 0.0 for column in range(size)] for row in range(size)]
        for row, outcome in zip(inputs, outcomes, strict=True):
            features = (1.0, *row)
            chance = _logistic(sum(value * feature for value, feature in zip(solution, features, strict=True)))
            spread = chance * (1 - chance)
            for first, feature in enumerate(features):
                if feature:
                    gradient[first] += (outcome - chance) * feature
                    for second in range(first + 1):
                        curvature[first][second] += spread * feature * features[second]
        step = _solve(curvature, gradient)
        solution = [value + change for value, change in zip(solution, step, strict=True)]
        if max(abs(change) for change in step) < 1e-7:
            break
    return solution[0], solution[1:]


def _solve(lower: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a symmetric positive system, given by its lower half, by Cholesky's decomposition."""
    size = len(right)
    root = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = lower[row][column] - sum(root[row][at] * root[column][at] for at in range(column))
            root[row][column] = max(rest, 1e-9) ** 0.5 if row == column else rest / root[column][column]
    forward: list[float] = []
    for row in range(size):
        forward.append((right[row] - sum(root[row][at] * forward[at] for at in range(row))) / root[row][row])
    found = [0.0] * size
    for row in reversed(range(size)):
        found[row] = (forward[row] - sum(root[at][row] * found[at] for at in range(row + 1, size))) / root[row][row]
    return found
