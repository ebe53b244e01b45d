"""Explain a category: the rule and its words, or the most influential words and sentence.

A bare percentage is never shown as the reason.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from .classes import ORDER, Category
from .features import GRAMS, RULE_COLUMN, Vector, named_words
from .rules import Match
from .sentences import GREETING, Parts
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
    contrast = weights.grams[column] - weights.typical
    helped = [
        match for match in matches if match.rule.category is category and contrast[RULE_COLUMN[match.rule.id]] > 0
    ]
    weighed = _Weighed(vector, contrast)
    spoken = [list(named_words([fold(sentence)], "", ())) for sentence in parts.body]
    return reason | {
        "words": _strongest_words(parts, spoken, weighed),
        "sentence": _strongest_sentence(parts, spoken, weighed),
        "evidence": [{"rule": match.rule.id, "quote": match.sentence[:LONGEST_QUOTE]} for match in helped[:MOST_RULES]],
    }


class _Weighed(dict[int, float]):
    """Contribution of each word column of a reply to the category, computed on demand."""

    def __init__(self, vector: Vector, contrast: np.ndarray) -> None:
        super().__init__()
        self._present = dict(zip(vector.columns.tolist(), vector.values.tolist(), strict=True))
        self._contrast = contrast

    def __missing__(self, column: int) -> float:
        self[column] = found = self._present.get(GRAMS + column, 0.0) * float(self._contrast[GRAMS + column])
        return found


Words = Sequence[Sequence[tuple[str, int]]]
"""Words and word pairs of each sentence with their columns."""


def _strongest_words(parts: Parts, spoken: Words, weighed: _Weighed) -> list[str]:
    named = [*chain.from_iterable(spoken), *named_words([], fold(parts.subject), parts.footer)]
    scored = {word: weighed[column] for word, column in named}
    words = sorted((word for word in scored if scored[word] > 0), key=lambda word: (-scored[word], word))
    return [word.removeprefix("^ ").split(":")[-1] for word in words[:MOST_WORDS]]


def _strongest_sentence(parts: Parts, spoken: Words, weighed: _Weighed) -> str:
    """Return the sentence that contributes most to the category; a greeting only if there is no other sentence."""
    found = [
        (
            not GREETING.search(fold(sentence)),
            sum(weighed[column] for column in {column for _, column in words}),
            sentence,
        )
        for sentence, words in zip(parts.body, spoken, strict=True)
    ]
    return max(found, key=lambda each: each[:2])[2][:LONGEST_QUOTE] if found else ""
