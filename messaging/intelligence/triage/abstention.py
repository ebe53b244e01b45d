"""Decide whether the category of a reply is reliable enough, or a person has to decide.

Reliability is the probability that the answer is right and the reply means one thing, estimated from the shape of the models'
probabilities: a logistic model with an intercept for each category, fitted on replies that the models never saw, ambiguous ones
among them. The threshold is the level that a share COVERAGE of those unambiguous replies reached. docs/decisions/0022 has the
comparison with conformal sets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .classes import ORDER, Category
from .rules import Match
from .sentences import Parts

Floats = npt.NDArray[np.float32]

COVERAGE = (0.70, 0.75)
"""Share of the unambiguous replies that are answered without and with embeddings, each judged by a model of the other writers' replies
alone. The shipped model knows all writers and answers more: about 0.06 without embeddings and 0.08 with, of a stranger's replies."""

PLAUSIBLE = 0.12
"""Probability from which on a category is named as a candidate."""

CAUTIOUS = frozenset({Category.UNSUBSCRIBE, Category.COMPLAINT})
MISSED = 0.2
"""Probability of a category in CAUTIOUS from which on a person decides if it is not the answer."""

MOST_WORDS = 60
LEAST = 1e-6
SIGNS = (
    "log_first", "log_second", "log_third", "margin", "margin_grams", "margin_sentences", "agree", "overlap", "words", "categories_of_rules",
)  # fmt: skip
SIZE = len(SIGNS) + len(ORDER) + 1


@dataclass(frozen=True, slots=True)
class Answer:
    category: Category
    abstains: bool
    candidates: tuple[Category, ...]


def reliability_features(
    row: Floats, grams: Floats, sentences: Floats | None, parts: Parts, matches: Sequence[Match]
) -> Floats:
    """Return the SIZE numbers from which reliability is estimated, from the final probabilities and each model's own, for one reply."""
    first, second, third = np.sort(row)[::-1][:3]
    both = (
        (_margin(sentences), float(grams.argmax() == sentences.argmax()), float(grams @ sentences))
        if sentences is not None
        else (0.0, 0.0, 0.0)
    )
    words = min(sum(len(sentence.split()) for sentence in parts.body), MOST_WORDS)
    best = np.zeros(len(ORDER), dtype=np.float32)
    best[row.argmax()] = 1
    own = [
        *(float(np.log(p + LEAST)) for p in (first, second, third)), float(first - second), _margin(grams), *both, float(np.log1p(words)),
        float(len({match.rule.category for match in matches})),
    ]  # fmt: skip
    return np.concatenate([np.array(own, dtype=np.float32), best, np.ones(1, dtype=np.float32)])


def reliability(signs: Floats, coefficients: Floats) -> float:
    """Return the probability, 0 to 1, that the category is right and the reply is unambiguous."""
    return float(1 / (1 + np.exp(-float(signs @ coefficients))))


def answer(row: Floats, reliable: float, threshold: float) -> Answer:
    """Return the most likely category, whether to abstain, and the plausible categories, most likely first."""
    order = [int(column) for column in np.argsort(-row, kind="stable")]
    best = ORDER[order[0]]
    missed = any(row[ORDER.index(category)] >= MISSED for category in CAUTIOUS - {best}) and best not in CAUTIOUS
    abstains = reliable < threshold or missed
    if not abstains:
        return Answer(best, False, (best,))
    shown = [column for column in order[:3] if row[column] >= PLAUSIBLE]
    return Answer(best, True, tuple(ORDER[column] for column in (shown if len(shown) > 1 else order[:2])))


def _margin(probabilities: Floats) -> float:
    second, first = np.partition(probabilities, -2)[-2:]
    return float(first - second)
