"""Metrics of reply categorization: F1, coverage, confusion, calibration, German against English.

The difference between the languages comes with its confidence interval.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from messaging.intelligence.triage.classes import ORDER, Category

RESAMPLES = 2000
BINS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One reply: its true and its predicted category."""

    id: str
    language: str
    truth: Category
    predicted: Category
    p: float
    abstains: bool

    @property
    def is_right(self) -> bool:
        return self.truth is self.predicted


@dataclass(frozen=True, slots=True)
class ClassFigures:
    category: Category
    replies: int
    precision: float
    recall: float
    f1: float


def macro_f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return the mean F1 over the categories that occur in the truth. Arguments are columns of ORDER."""
    counts = np.bincount(truth * len(ORDER) + predicted, minlength=len(ORDER) ** 2).reshape(len(ORDER), len(ORDER))
    hits, of_truth, of_said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    f1 = np.where(of_truth + of_said > 0, 2 * hits / np.maximum(of_truth + of_said, 1), 0)
    return float(f1[of_truth > 0].mean()) if (of_truth > 0).any() else float("nan")


def columns(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([ORDER.index(case.truth) for case in cases], dtype=np.int64),
        np.array([ORDER.index(case.predicted) for case in cases], dtype=np.int64),
    )


def per_class(cases: Sequence[Case]) -> list[ClassFigures]:
    found = []
    for category in ORDER:
        own = [case for case in cases if case.truth is category]
        predicted = [case for case in cases if case.predicted is category]
        hits = sum(case.is_right for case in own)
        precision, recall = _share(hits, len(predicted)), _share(hits, len(own))
        found.append(ClassFigures(category, len(own), precision, recall, _share(2 * hits, len(own) + len(predicted))))
    return found


def answered(cases: Sequence[Case]) -> tuple[float, float]:
    """Return the accuracy over answered replies, and the share of replies answered (not abstained)."""
    own = [case for case in cases if not case.abstains]
    return _share(sum(case.is_right for case in own), len(own)), _share(len(own), len(cases))


def calibration_error(cases: Sequence[Case]) -> float:
    """Return the mean distance between confidence and accuracy in five bins of equally many replies (full coverage)."""
    ordered = sorted(cases, key=lambda case: (case.p, case.id))
    bins = [own for own in np.array_split(np.arange(len(ordered)), BINS) if len(own)]
    gaps = [
        abs(float(np.mean([ordered[i].p for i in own])) - float(np.mean([ordered[i].is_right for i in own]))) * len(own)
        for own in bins
    ]
    return sum(gaps) / len(ordered) if ordered else float("nan")


def difference(cases: Sequence[Case], *, seed: int = 0) -> tuple[float, float, float] | None:
    """Return macro-F1 German minus English with a 95 % bootstrap interval; None where a language is missing."""
    german, english = ([case for case in cases if case.language == language] for language in ("de", "en"))
    if not german or not english:
        return None
    random = np.random.default_rng(seed)
    sides = [columns(own) for own in (german, english)]

    def once(resample: bool) -> float:
        scores = []
        for truth, predicted in sides:
            rows = random.integers(0, len(truth), len(truth)) if resample else np.arange(len(truth))
            scores.append(macro_f1(truth[rows], predicted[rows]))
        return scores[0] - scores[1]

    drawn = [once(True) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return once(False), float(low), float(high)


def confusions(cases: Sequence[Case], most: int = 12) -> list[tuple[Category, Category, int]]:
    """Return pairs of true and predicted category with their counts, most frequent first."""
    found = Counter((case.truth, case.predicted) for case in cases if not case.is_right)
    return [(truth, predicted, count) for (truth, predicted), count in found.most_common(most)]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
