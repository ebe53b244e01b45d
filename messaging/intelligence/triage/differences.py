"""Adapt the shipped classifier to an organization's corrections by ridge regression, with numpy only.

The weights of a category become the shipped ones plus a combination of the corrected replies' features. The combination has as many
unknowns as there are replies (kernel form), so that it costs milliseconds whatever the number of columns.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from . import probabilities
from .classes import ORDER, Category
from .features import COLUMNS, Vector
from .rules import IDS, Match
from .weights import Weights

Floats = npt.NDArray[np.float32]

RIDGE = 0.15
"""Pull towards the shipped weights: higher changes less."""

ANCHOR = 0.5
"""Weight of an uncorrected reply in training; a corrected one has 1."""

STEPS = 300
MOST_COLUMNS = 3500
LARGEST = 256_000  # bytes stored
EARLIER_DECISIONS = 10
LEAST_TRUSTED = 0.85


@dataclass(frozen=True, slots=True)
class Example:
    """One corrected reply: its features, its category, and its weight in training."""

    vector: Vector
    matches: tuple[Match, ...]
    pooled: Floats | None
    category: Category
    weight: float = 1.0


@dataclass(frozen=True)
class Differences:
    """Arrays to add to the shipped model. `columns`: the columns of `grams` that changed."""

    columns: npt.NDArray[np.int32]
    grams: Floats
    grams_bias: Floats
    sentences: Floats
    sentences_bias: Floats
    trust: Floats

    def packed(self) -> bytes:
        """Return the arrays as bytes. Raises ValueError above LARGEST."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **{name: getattr(self, name) for name in ARRAYS})
        if len(data := buffer.getvalue()) > LARGEST:
            raise ValueError(f"The differences have {len(data)} bytes; {LARGEST} are allowed.")
        return data

    def applied_to(self, shipped: Weights, version: str) -> Weights:
        grams = shipped.grams.copy()
        grams[:, self.columns] += self.grams
        return replace(
            shipped,
            grams=grams,
            grams_bias=shipped.grams_bias + self.grams_bias,
            sentences=shipped.sentences + self.sentences,
            sentences_bias=shipped.sentences_bias + self.sentences_bias,
            trust=self.trust,
            version=version,
        )


ARRAYS = ("columns", "grams", "grams_bias", "sentences", "sentences_bias", "trust")


def unpack(data: bytes) -> Differences:
    """Read what `packed` wrote. Raises ValueError, KeyError."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return Differences(**{name: file[name] for name in ARRAYS})


def learn(shipped: Weights, examples: Sequence[Example]) -> Differences:
    """Return the smallest change of the shipped weights that makes the model agree with the examples."""
    truth = np.array([ORDER.index(example.category) for example in examples])
    weight = np.array([example.weight for example in examples])
    columns, grams, grams_bias = _of_grams(shipped, examples, truth, weight)
    sentences, sentences_bias = _of_sentences(shipped, examples, truth, weight)
    return Differences(columns, grams, grams_bias, sentences, sentences_bias, _rule_reliabilities(shipped, examples))


def _of_grams(
    shipped: Weights, examples: Sequence[Example], truth: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], Floats, Floats]:
    used = np.unique(np.concatenate([example.vector.columns for example in examples]))
    place = np.zeros(COLUMNS, dtype=np.int64)
    place[used] = np.arange(len(used))
    matrix = np.zeros((len(examples), len(used)), dtype=np.float32)
    for row, example in enumerate(examples):
        np.add.at(matrix[row], place[example.vector.columns], example.vector.values)
    base = matrix @ shipped.grams[:, used].T + shipped.grams_bias
    change = _solve(matrix, base, truth, weight)
    full = (change.T @ matrix).astype(np.float32)
    kept = np.sort(np.argsort(-np.square(full).sum(axis=0), kind="stable")[:MOST_COLUMNS])
    return used[kept].astype(np.int32), full[:, kept], change.sum(axis=0).astype(np.float32)


def _of_sentences(
    shipped: Weights, examples: Sequence[Example], truth: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]
) -> tuple[Floats, Floats]:
    pooled = [example.pooled for example in examples if example.pooled is not None]
    if len(pooled) < len(examples):
        return np.zeros_like(shipped.sentences), np.zeros(len(ORDER), dtype=np.float32)
    matrix = probabilities.standard(shipped, np.stack(pooled))
    base = matrix @ shipped.sentences.T + shipped.sentences_bias
    change = _solve(matrix, base, truth, weight)
    return (change.T @ matrix).astype(np.float32), change.sum(axis=0).astype(np.float32)


def _solve(
    matrix: Floats, base: Floats, truth: npt.NDArray[np.int64], weight: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return a row of coefficients per example that minimizes the weighted log loss plus RIDGE times the squared length of the change."""
    kernel = matrix.astype(np.float64) @ matrix.T.astype(np.float64) + 1.0  # + 1: the bias
    wanted = np.eye(len(ORDER))[truth]
    change = np.zeros_like(wanted)
    step = 1.0 / (0.5 * float(np.linalg.eigvalsh(kernel * np.sqrt(np.outer(weight, weight)))[-1]) + RIDGE)
    for _ in range(STEPS):
        scores = base + kernel @ change
        predicted = np.exp(probabilities.log_softmax(scores.astype(np.float32)))
        change -= step * (weight[:, None] * (predicted - wanted) + RIDGE * change)
    return change


def _rule_reliabilities(shipped: Weights, examples: Sequence[Example]) -> Floats:
    """Return each rule's share of right decisions, with the shipped share counted as EARLIER_DECISIONS decisions."""
    right, all_ = np.zeros(len(IDS)), np.zeros(len(IDS))
    for example in examples:
        match = probabilities.deciding(example.matches, shipped.trust)
        if match:
            index = probabilities.INDEX[match.rule.id]
            all_[index] += example.weight
            right[index] += example.weight * (match.rule.category is example.category)
    share = (shipped.trust * EARLIER_DECISIONS + right) / (EARLIER_DECISIONS + all_)
    return np.where((shipped.trust > 0) & (share >= LEAST_TRUSTED), share, 0).astype(np.float32)
