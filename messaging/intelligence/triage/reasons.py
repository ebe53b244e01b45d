"""Explain a category: the rule and its words, or the most influential words and sentence.

A bare percentage is never shown as the reason.
"""

from collections.abc import Sequence

import numpy as np

from .classes import ORDER, Category
from .features import GRAMS, RULE_COLUMN, Vector, named_words
from .rules import Match
from .sentences import Parts
from .text import fold
from .weights import Weights

LONGEST_QUOTE = 200
MOST_WORDS = 5
MOST_RULES = 3


def explain(
    weights: Weights,
    parts: Parts,
    matches: Sequence[Match],
    decided_by: Match | None,
    vector: Vector,
    category: Category,
    dropped: int,
) -> dict[str, object]:
    """Return the explanation for a person, as JSON: `rule` and `quote`, or `words`, `sentence` and `evidence`; `ignored`: number of removed
    sentences addressed to the classifier.
    """
    reason: dict[str, object] = {"ignored": dropped} if dropped else {}
    if decided_by is not None:
        return reason | {"rule": decided_by.rule.id, "quote": decided_by.sentence[:LONGEST_QUOTE]}
    column = ORDER.index(category)
    contrast = weights.grams[column] - weights.grams.mean(axis=0)
    helped = [
        match for match in matches if match.rule.category is category and contrast[RULE_COLUMN[match.rule.id]] > 0
    ]
    return reason | {
        "words": _strongest_words(parts, vector, contrast),
        "sentence": _strongest_sentence(parts, vector, contrast),
        "evidence": [{"rule": match.rule.id, "quote": match.sentence[:LONGEST_QUOTE]} for match in helped[:MOST_RULES]],
    }


def _strongest_words(parts: Parts, vector: Vector, contrast: np.ndarray) -> list[str]:
    present = dict(zip(vector.columns.tolist(), vector.values.tolist(), strict=True))
    scored: dict[str, float] = {}
    for word, column in named_words([fold(s) for s in parts.body], fold(parts.subject), parts.footer):
        scored[word] = present.get(GRAMS + column, 0.0) * float(contrast[GRAMS + column])
    words = sorted((word for word in scored if scored[word] > 0), key=lambda word: (-scored[word], word))
    return [word.removeprefix("^ ").split(":")[-1] for word in words[:MOST_WORDS]]


def _strongest_sentence(parts: Parts, vector: Vector, contrast: np.ndarray) -> str:
    present = dict(zip(vector.columns.tolist(), vector.values.tolist(), strict=True))

    def score(sentence: str) -> float:
        columns = {column for _, column in named_words([fold(sentence)], "", ())}
        return sum(present.get(GRAMS + c, 0.0) * float(contrast[GRAMS + c]) for c in columns)

    return max(parts.body, key=score)[:LONGEST_QUOTE] if parts.body else ""
