"""Class-conditional conformal sets: answer where exactly one category is plausible, else leave it to a person.

A category is in the set of a reply if its probability reaches the category's threshold: the level that all but a share `alpha` of
the calibration replies of that category reached. So for each category, at most about that share of its replies is left out of its set.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .classes import ORDER, Category

Floats = npt.NDArray[np.float32]

ALPHA = 0.12
CAUTIOUS = {Category.UNSUBSCRIBE: 0.04, Category.COMPLAINT: 0.06}
"""Of these a person should see one too many rather than miss one: their thresholds are lower."""

FEWEST = 0.5
"""No answer below this probability, whatever the thresholds say: with twelve categories a low one can be the only plausible one."""


@dataclass(frozen=True, slots=True)
class Answer:
    category: Category
    abstains: bool
    candidates: tuple[Category, ...]


def thresholds(probabilities: Floats, truth: Sequence[int], *, alpha: float = ALPHA) -> Floats:
    """Return each category's threshold from replies whose category is known and that the model never saw."""
    found = np.zeros(len(ORDER), dtype=np.float32)
    known = np.asarray(truth)
    for column, category in enumerate(ORDER):
        own = np.sort(probabilities[known == column, column])
        if not len(own):
            continue
        level = CAUTIOUS.get(category, alpha)
        found[column] = own[max(0, int(np.floor(level * (len(own) + 1))) - 1)]
    return found


def answer(probabilities: Floats, threshold: Floats) -> Answer:
    """Return the likeliest category, whether to abstain, and what is plausible, likeliest first."""
    order = np.argsort(-probabilities, kind="stable")
    best = int(order[0])
    plausible = [int(column) for column in order if probabilities[column] >= threshold[column]]
    abstains = plausible != [best] or probabilities[best] < FEWEST
    shown = plausible or [int(column) for column in order[:2]]
    return Answer(ORDER[best], abstains, tuple(ORDER[column] for column in shown))
