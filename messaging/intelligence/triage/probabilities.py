"""Compute calibrated category probabilities from features: two linear models mixed, then sure rules."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .classes import FROM_A_MACHINE, ORDER, Category, ranked
from .features import Vector
from .rules import IDS, Match
from .rules.rule import Sender
from .weights import Weights

Floats = npt.NDArray[np.float32]
COLUMN = {category: index for index, category in enumerate(ORDER)}
INDEX = {id: index for index, id in enumerate(IDS)}
LEAST = 1e-6
OF_MACHINES = np.array([category in FROM_A_MACHINE for category in ORDER])

PEOPLE = 0.03
"""Most that the categories of people keep together where a rule says that software wrote the mail."""


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
    """Return the rule that decides: among those of the highest ranked category, the one that is right most often.

    What a mail server writes comes first; where software writes, only the categories of automatic mail count.
    """
    senders = {match.rule.sender for match in matches}
    found = [match for match in matches if trust[INDEX[match.rule.id]] > 0 and _may_decide(match, senders)]
    if not found:
        return None
    best = ranked({match.rule.category for match in found})[0]
    return max((match for match in found if match.rule.category is best), key=lambda match: trust[INDEX[match.rule.id]])


def _may_decide(match: Match, senders: set[Sender]) -> bool:
    if "mail_server" in senders:
        return match.rule.sender == "mail_server"
    return "software" not in senders or match.rule.category in FROM_A_MACHINE


def without_people(probabilities: Floats, matches: Sequence[Match]) -> Floats:
    """Return one row in which the categories of people have at most PEOPLE, if a rule says that software wrote the mail."""
    share = float(probabilities[~OF_MACHINES].sum())
    if share <= PEOPLE or all(match.rule.sender == "anyone" for match in matches):
        return probabilities
    factors = np.where(OF_MACHINES, (1 - PEOPLE) / max(1 - share, LEAST), PEOPLE / share)
    out: Floats = (probabilities * factors).astype(np.float32)
    return out / out.sum()


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
