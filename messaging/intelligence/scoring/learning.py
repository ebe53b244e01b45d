"""Learn the weights of the engagement score from an organization's own outcomes, given enough of them.

The learned score is calibrated to a chance of a positive outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from messaging.intelligence.scoring.engagement import SHIPPED, Engagement, RowName, Weights

Floats = npt.NDArray[np.float64]

LEAST_CONTACTS, LEAST_POSITIVES = 1_000, 120
LEARNED: tuple[RowName, ...] = tuple(name for name in RowName if name is not RowName.MACHINES)
RIDGE = 1.0
STEPS = 30
BINS = 5
SMALLEST, LARGEST = 0.0, 3.0
"""Factors stay between: a row never counts against somebody, and no row takes over."""


@dataclass(frozen=True, slots=True)
class Example:
    """A contact's engagement under the shipped weights before its outcome was known, and that outcome."""

    engagement: Engagement
    positive: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Contacts of similar scores: the mean chance that was expected of them, and the share that had a positive outcome."""

    contacts: int
    expected: float
    observed: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The chance of a positive outcome at a score: 1 / (1 + exp(-(start + slope * score / 100))).

    `bins`: expected and observed shares of contacts not used for learning, lowest scores first.
    """

    start: float
    slope: float
    bins: tuple[Bin, ...] = ()

    def chance(self, score: int) -> float:
        return float(_logistic(np.array(self.start + self.slope * score / 100)))

    @property
    def error(self) -> float:
        """Return the mean distance of expected and observed shares, by contacts."""
        contacts = sum(each.contacts for each in self.bins)
        apart = sum(each.contacts * abs(each.expected - each.observed) for each in self.bins)
        return apart / contacts if contacts else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the calibration as it is stored."""
        bins = [{"contacts": each.contacts, "expected": each.expected, "observed": each.observed} for each in self.bins]
        return {"start": self.start, "slope": self.slope, "error": round(self.error, 4), "bins": bins}


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
    inputs = np.array([_features(example) for example in used], dtype=np.float64)
    outcomes = np.array([example.positive for example in used], dtype=np.float64)
    factors, start, slope = _learned(inputs, outcomes)
    weights = Weights(version, dict(zip(LEARNED, factors.tolist(), strict=True)))
    bins = _bins(_expected_by_halves(inputs, outcomes), outcomes)
    return Learned(weights, Calibration(round(start, 4), round(slope, 4), bins), True, len(used), positives)


def _learned(inputs: Floats, outcomes: Floats) -> tuple[Floats, float, float]:
    """Return the factor of each row, and start and slope of the chance at the score they make."""
    _, slope = _fit(inputs.sum(axis=1, keepdims=True), outcomes, np.zeros(1))
    scale = max(float(slope[0]), 0.01)
    _, learned = _fit(inputs, outcomes, np.full(len(LEARNED), scale))
    factors: Floats = np.round(np.clip(learned / scale, SMALLEST, LARGEST), 2).astype(np.float64)
    start, slope = _fit((inputs @ factors)[:, None], outcomes, np.zeros(1))
    return factors, start, max(0.0, float(slope[0]))


def _expected_by_halves(inputs: Floats, outcomes: Floats) -> Floats:
    """Return the predicted chance of each contact by a model learned from the other half of the contacts; the halves are every second one
    of the sorted contacts.
    """
    expected = np.zeros(len(outcomes))
    for half in (0, 1):
        factors, start, slope = _learned(inputs[1 - half :: 2], outcomes[1 - half :: 2])
        expected[half::2] = _logistic(start + slope * (inputs[half::2] @ factors))
    return expected


def _bins(expected: Floats, outcomes: Floats) -> tuple[Bin, ...]:
    parts = np.array_split(np.argsort(expected, kind="stable"), BINS)
    return tuple(
        Bin(len(part), round(float(expected[part].mean()), 4), round(float(outcomes[part].mean()), 4)) for part in parts
    )


def _features(example: Example) -> tuple[float, ...]:
    points = {row.name: row.points / 100 for row in example.engagement.rows}
    return tuple(points.get(name, 0.0) for name in LEARNED)


def _logistic(values: Floats) -> Floats:
    chances: Floats = 1 / (1 + np.exp(-np.clip(values, -35.0, 35.0)))
    return chances


def _fit(inputs: Floats, outcomes: Floats, towards: Floats) -> tuple[float, Floats]:
    """Fit a logistic regression by Newton's method, with slopes regularized towards given ones; return (start, slopes)."""
    mean = min(max(float(outcomes.mean()), 1e-6), 1 - 1e-6)
    solution = np.concatenate([[np.log(mean / (1 - mean))], towards])
    features = np.hstack([np.ones((len(inputs), 1)), inputs])
    ridge = np.diag([1e-9, *[RIDGE] * len(towards)])
    for _ in range(STEPS):
        chances = _logistic(features @ solution)
        gradient = features.T @ (outcomes - chances)
        gradient[1:] -= RIDGE * (solution[1:] - towards)
        curvature = (features * (chances * (1 - chances))[:, None]).T @ features + ridge
        step = np.linalg.solve(curvature, gradient)
        solution = solution + step
        if float(np.abs(step).max()) < 1e-7:
            break
    return float(solution[0]), solution[1:]
