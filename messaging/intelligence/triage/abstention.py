"""Class-conditional conformal sets: answer where exactly one category is plausible, else leave it to a person.

The score of a category for a reply is its margin: its probability minus that of the likeliest other one. A category is plausible if its
margin reaches the category's threshold, the level that all but a share `alpha` of the calibration replies of that category reached. So
for each category about that share of its replies is left out of its set. (The probability itself as a score left a quarter of the
replies without any plausible category.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .classes import ORDER, Category

Floats = npt.NDArray[np.float32]

ALPHAS = tuple(round(0.02 * step, 2) for step in range(1, 16))
COVERAGE = 0.82
"""Share of replies to be answered: alpha is the smallest of ALPHAS that reaches it, or the one that comes closest."""

CAUTIOUS = {Category.UNSUBSCRIBE: 0.5, Category.COMPLAINT: 0.7}
"""Share of alpha for categories that a person should see once too often rather than miss."""


@dataclass(frozen=True, slots=True)
class Answer:
    category: Category
    abstains: bool
    candidates: tuple[Category, ...]


def margins(probabilities: Floats) -> Floats:
    """Return each category's lead over the likeliest other one, for one row or many."""
    ordered = np.sort(probabilities, axis=-1)
    first, second = ordered[..., -1:], ordered[..., -2:-1]
    found: Floats = probabilities - np.where(probabilities >= first, second, first)
    return found


def thresholds(probabilities: Floats, truth: Sequence[int], *, alpha: float) -> Floats:
    """Return each category's threshold from replies whose category is known and that the model never saw."""
    found = np.zeros(len(ORDER), dtype=np.float32)
    known, scores = np.asarray(truth), margins(probabilities)
    for column, category in enumerate(ORDER):
        own = np.sort(scores[known == column, column])
        if len(own):
            level = alpha * CAUTIOUS.get(category, 1.0)
            found[column] = own[max(0, int(np.floor(level * (len(own) + 1))) - 1)]
    return found


def fitted(probabilities: Floats, truth: Sequence[int]) -> Floats:
    """Return the thresholds with the smallest alpha that answers COVERAGE of these replies, or else the most of them."""
    tried = [thresholds(probabilities, truth, alpha=alpha) for alpha in ALPHAS]
    covered = [coverage(probabilities, threshold) for threshold in tried]
    enough = [index for index, share in enumerate(covered) if share >= COVERAGE]
    return tried[enough[0] if enough else int(np.argmax(covered))]


def coverage(probabilities: Floats, threshold: Floats) -> float:
    plausible = margins(probabilities) >= threshold
    best = probabilities.argmax(axis=1)
    return float(((plausible.sum(axis=1) == 1) & plausible[np.arange(len(best)), best]).mean())


def answer(probabilities: Floats, threshold: Floats) -> Answer:
    """Return the likeliest category, whether to abstain, and what is plausible, likeliest first."""
    order = np.argsort(-probabilities, kind="stable")
    scores, best = margins(probabilities), int(order[0])
    plausible = [int(column) for column in order if scores[column] >= threshold[column]]
    shown = plausible or [int(column) for column in order[:2]]
    return Answer(ORDER[best], plausible != [best], tuple(ORDER[column] for column in shown))
