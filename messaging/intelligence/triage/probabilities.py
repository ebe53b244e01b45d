"""Compute calibrated category probabilities from features: two linear models mixed, then sure rules."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .classes import ORDER, Category, ranked
from .features import Vector
from .rules import IDS, Match
from .weights import Weights

Floats = npt.NDArray[np.float32]
COLUMN = {category: index for index, category in enumerate(ORDER)}
INDEX = {id: index for index, id in enumerate(IDS)}
LEAST = 1e-6


def log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logs


def of_grams(weights: Weights, vectors: Sequence[Vector]) -> Floats:
    """Return log probabilities from words, n-grams and rules; one row per reply."""
    scores = [weights.grams[:, v.columns] @ v.values + weights.grams_bias for v in vectors]
    return log_softmax(np.array(scores, dtype=np.float32).reshape(len(vectors), len(ORDER)))


def standard(weights: Weights, pooled: Floats) -> Floats:
    """Return embeddings centred and scaled, so that each column has the same spread and each row a length of about 1."""
    rows: Floats = (pooled - weights.centre) / weights.spread
    return rows


def of_sentences(weights: Weights, pooled: Floats) -> Floats:
    """Return log probabilities from sentence embeddings; one row per reply."""
    return log_softmax(standard(weights, pooled) @ weights.sentences.T + weights.sentences_bias)


def mixed(grams: Floats, sentences: Floats | None, mix: float) -> Floats:
    return grams if sentences is None else (1 - mix) * grams + mix * sentences


def tempered(scores: Floats, temperature: float) -> Floats:
    """Return probabilities from scores; a temperature above 1 makes them less extreme."""
    probabilities: Floats = np.exp(log_softmax(scores / temperature))
    return probabilities


def deciding(matches: Sequence[Match], trust: Floats) -> Match | None:
    """Return the rule that decides: among those of the highest ranked category, the one that is right most often."""
    found = [match for match in matches if trust[INDEX[match.rule.id]] > 0]
    if not found:
        return None
    best = ranked({match.rule.category for match in found})[0]
    return max((match for match in found if match.rule.category is best), key=lambda match: trust[INDEX[match.rule.id]])


def with_rule(probabilities: Floats, match: Match | None, trust: Floats) -> Floats:
    """Return one row after a deciding rule: its category gets at least the share of cases in which the rule is right."""
    if match is None:
        return probabilities
    return with_share(probabilities, match.rule.category, float(trust[INDEX[match.rule.id]]))


def with_share(probabilities: Floats, category: Category, share: float) -> Floats:
    """Return one row in which a category has at least a share."""
    out = probabilities * (1 - share)
    out[COLUMN[category]] += share
    return out
