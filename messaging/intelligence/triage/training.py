"""Train the shipped triage model. Needs requirements/train.txt (scikit-learn); never in production.

Reproducible: the same files and seed give the same arrays. All parameters beyond weights (mix, temperature, thresholds, trust in a
rule) are fitted on predictions for replies that the fold's model never saw, by another writer wherever there is one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from messaging.intelligence.reporting.gold import AmbiguousReply, LabelledReply

from . import abstention, embeddings, features, probabilities, rules, steering, weights
from .classes import ORDER
from .rules import IDS, Match
from .sentences import Parts, read

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Progress = Callable[[str], None]

GRAMS_C, SENTENCES_C = 20.0, 5.0
"""Inverse strength of the regularization, chosen by cross-validation on the training files."""

FOLDS = 5
AMBIGUOUS_WEIGHT = 3.0
"""Weight of an ambiguous reply when reliability is fitted, because there are few of them."""

LEAST_TRUSTED = 0.85
"""Share of right decisions below which a rule does not decide but only adds evidence."""


@dataclass
class Prepared:
    """Training replies as numbers, the ambiguous ones last. Their `truth` is -1; `readings`: the possible categories of all; `group`: the
    writer of each; `pooled` is None without embeddings.
    """

    truth: Ints
    readings: list[tuple[int, ...]]
    parts: list[Parts]
    language: list[str]
    group: list[str]
    matches: list[list[Match]]
    vectors: list[features.Vector]
    rarity: Floats
    pooled: Floats | None


@dataclass
class Trained:
    weights: weights.Weights
    figures: dict[str, Any] = field(default_factory=dict)


def prepare(
    replies: Sequence[LabelledReply],
    ambiguous: Sequence[AmbiguousReply] = (),
    *,
    pool: Callable[[Sequence[Parts]], Floats] | None,
) -> Prepared:
    """Compute the features of replies; `pool` computes the embeddings of a sequence of replies."""
    everything: list[LabelledReply | AmbiguousReply] = [*replies, *ambiguous]
    parts = [steering.without_instructions(read(reply.subject, reply.text))[0] for reply in everything]
    matches = [rules.matches(own) for own in parts]
    pairs = list(zip(parts, matches, strict=True))
    rarity = features.rarity_of([features.vector(own, found) for own, found in pairs])
    vectors = [features.vector(own, found, rarity) for own, found in pairs]
    return Prepared(
        np.array([ORDER.index(reply.category) for reply in replies] + [-1] * len(ambiguous)),
        [(ORDER.index(reply.category),) for reply in replies]
        + [tuple(sorted(ORDER.index(category) for category in reply.categories)) for reply in ambiguous],
        parts,
        [reply.language for reply in everything],
        [*(reply.writer for reply in replies), *("" for _ in ambiguous)],
        matches,
        vectors,
        rarity,
        pool(parts) if pool else None,
    )


def train(prepared: Prepared, *, seed: int, say: Progress = lambda line: None) -> Trained:
    """Fit all parameters; return the weights and the metrics of the cross-validation."""
    matrix, scaled, centre, spread = _matrices(prepared)
    grams, sentences = _cross_validated(prepared, matrix, scaled, seed, say)
    found: dict[str, Any] = {}
    clear = prepared.truth >= 0
    mix = 0.0 if sentences is None else _best_mix(grams[clear], sentences[clear], prepared.truth[clear])
    trust = _rule_reliabilities(prepared)
    temperature, threshold = np.ones(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    reliability = np.zeros((2, abstention.SIZE), dtype=np.float32)
    for row, own in ((weights.WITHOUT, None), (weights.WITH, sentences)):
        scores = _mix(grams, own, mix)
        temperature[row] = _best_temperature(scores, prepared, trust)
        final = _final(scores, float(temperature[row]), prepared.matches, trust)
        reliability[row], reliable = _reliability(final, grams, own, prepared, seed)
        threshold[row] = np.quantile(reliable[clear], 1 - abstention.COVERAGE[row])
        found["with embeddings" if row else "without"] = final, reliable
    say("Fitting on all replies")
    everything = np.arange(len(prepared.truth))
    coefficients, bias = _fit(matrix, prepared, everything, GRAMS_C, seed)
    pooled_coefficients = np.zeros((len(ORDER), embeddings.POOLED), dtype=np.float32)
    pooled_bias = np.zeros(len(ORDER), dtype=np.float32)
    if scaled is not None:
        pooled_coefficients, pooled_bias = _fit(scaled, prepared, everything, SENTENCES_C, seed)
    made = weights.Weights(
        prepared.rarity,
        coefficients,
        bias,
        pooled_coefficients,
        pooled_bias,
        centre,
        spread,
        np.array([mix]),
        temperature,
        reliability,
        threshold,
        trust,
    )
    return Trained(made, found)


def _matrices(prepared: Prepared) -> tuple[Any, Floats | None, Floats, Floats]:
    from scipy.sparse import csr_matrix

    columns = np.concatenate([v.columns for v in prepared.vectors])
    values = np.concatenate([v.values for v in prepared.vectors])
    starts = np.cumsum([0, *(len(v.columns) for v in prepared.vectors)])
    matrix = csr_matrix((values, columns, starts), shape=(len(prepared.vectors), features.COLUMNS))
    if prepared.pooled is None:
        return matrix, None, np.zeros(embeddings.POOLED, dtype=np.float32), np.ones(embeddings.POOLED, dtype=np.float32)
    centre = prepared.pooled.mean(axis=0)
    spread = (prepared.pooled.std(axis=0) + 1e-6) * np.sqrt(embeddings.POOLED)
    return matrix, (prepared.pooled - centre) / spread, centre, spread


def _fit(matrix: Any, prepared: Prepared, chosen: Ints, strength: float, seed: int) -> tuple[Floats, Floats]:
    """Fit a model on the chosen replies; an ambiguous one counts half for each possible category."""
    from sklearn.linear_model import LogisticRegression

    rows = [row for row in chosen.tolist() for _ in prepared.readings[row]]
    truth = [reading for row in chosen.tolist() for reading in prepared.readings[row]]
    share = [1 / len(prepared.readings[row]) for row in rows]
    model = LogisticRegression(C=strength, max_iter=400, tol=1e-4, random_state=seed)
    model.fit(matrix[rows], truth, sample_weight=share)
    coefficients = np.zeros((len(ORDER), matrix.shape[1]), dtype=np.float32)
    bias = np.full(len(ORDER), -20.0, dtype=np.float32)  # a category nobody wrote an example of is never the answer
    coefficients[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return coefficients, bias


def _reliability(
    final: Floats, grams: Floats, sentences: Floats | None, prepared: Prepared, seed: int
) -> tuple[Floats, Floats]:
    """Fit the estimate of reliability (abstention.reliability_features); return the coefficients, and each reply's reliability as estimated
    by a fit without that reply.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold

    table = np.stack(
        [
            abstention.reliability_features(
                final[row], np.exp(grams[row]), None if sentences is None else np.exp(sentences[row]), parts, matches
            )
            for row, (parts, matches) in enumerate(zip(prepared.parts, prepared.matches, strict=True))
        ]
    )
    good = (final.argmax(axis=1) == prepared.truth).astype(int)
    weight = np.where(prepared.truth < 0, AMBIGUOUS_WEIGHT, 1.0)
    if len(set(good.tolist())) < 2:
        return np.zeros(abstention.SIZE, dtype=np.float32), np.full(len(good), 0.5, dtype=np.float32)
    spread = table.std(axis=0) + 1e-6
    spread[-1] = 1.0

    def fitted(chosen: Ints) -> Floats:
        model = LogisticRegression(C=1.0, max_iter=1000, fit_intercept=False, random_state=seed)
        model.fit(table[chosen] / spread, good[chosen], sample_weight=weight[chosen])
        own: Floats = (model.coef_[0] / spread).astype(np.float32)
        return own

    reliable = np.zeros(len(good), dtype=np.float32)
    for known, unseen in KFold(FOLDS, shuffle=True, random_state=seed).split(table):
        own = fitted(known)
        reliable[unseen] = [abstention.reliability(table[row], own) for row in unseen]
    return fitted(np.arange(len(good))), reliable


def folds(prepared: Prepared, seed: int) -> list[tuple[Ints, Ints]]:
    """Return (train, test) rows of each fold. Where a language has several writers, each fold tests the replies of one writer with a model
    trained on the others'; else folds are stratified by category and language.
    """
    from sklearn.model_selection import StratifiedKFold

    by_language = {
        language: {g for g, own in zip(prepared.group, prepared.language, strict=True) if own == language and g}
        for language in set(prepared.language)
    }
    writers = sorted(set(prepared.group) - {""})
    if len(writers) > 1 and all(len(own) > 1 for own in by_language.values()):
        fold_of = np.array(
            [writers.index(own) if own else row % len(writers) for row, own in enumerate(prepared.group)]
        )
        return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(len(writers))]
    strata = prepared.truth * 10 + np.array([sorted(by_language).index(own) for own in prepared.language])
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(strata)), strata))


def _cross_validated(
    prepared: Prepared, matrix: Any, scaled: Floats | None, seed: int, say: Progress
) -> tuple[Floats, Floats | None]:
    """Return log probabilities of each reply by a model trained without it: from grams, and from sentences."""
    size = len(prepared.truth), len(ORDER)
    grams = np.zeros(size, dtype=np.float32)
    sentences = None if scaled is None else np.zeros(size, dtype=np.float32)
    parts = folds(prepared, seed)
    for number, (known, unseen) in enumerate(parts, start=1):
        say(f"Fold {number} of {len(parts)}: {len(known)} replies to learn from, {len(unseen)} to judge")
        coefficients, bias = _fit(matrix, prepared, known, GRAMS_C, seed)
        grams[unseen] = probabilities.log_softmax(np.asarray(matrix[unseen] @ coefficients.T + bias))
        if scaled is not None and sentences is not None:
            coefficients, bias = _fit(scaled, prepared, known, SENTENCES_C, seed)
            sentences[unseen] = probabilities.log_softmax(scaled[unseen] @ coefficients.T + bias)
    return grams, sentences


def _mix(grams: Floats, sentences: Floats | None, mix: float) -> Floats:
    return probabilities.mixed(grams, sentences, mix)


def _best_mix(grams: Floats, sentences: Floats, truth: Ints) -> float:
    """Return the weight of the embeddings at which the mixture fits the truth best, each part at its best temperature."""
    rows = np.arange(len(truth))

    def loss(mix: float) -> float:
        scores = _mix(grams, sentences, mix)
        return min(-float(probabilities.log_softmax(scores / t)[rows, truth].mean()) for t in np.linspace(0.4, 2.0, 17))

    return min((float(mix) for mix in np.linspace(0.2, 0.9, 15)), key=loss)


def _best_temperature(scores: Floats, prepared: Prepared, trust: Floats) -> float:
    rows = np.flatnonzero(prepared.truth >= 0)

    def loss(temperature: float) -> float:
        final = _final(scores, temperature, prepared.matches, trust)
        return -float(np.log(np.maximum(final[rows, prepared.truth[rows]], probabilities.LEAST)).mean())

    return min((float(t) for t in np.linspace(0.3, 2.5, 45)), key=loss)


def _final(scores: Floats, temperature: float, matches: Sequence[Sequence[Match]], trust: Floats) -> Floats:
    tempered = probabilities.tempered(scores, temperature)
    return np.stack(
        [
            probabilities.with_rule(
                probabilities.without_people(row, found), probabilities.deciding(found, trust), trust
            )
            for row, found in zip(tempered, matches, strict=True)
        ]
    )


def _rule_reliabilities(prepared: Prepared) -> Floats:
    """Return each deciding rule's share of right decisions, as if it had been right in 9 of 10 earlier ones."""
    everything = np.array([1.0 if rule.decides else 0.0 for rule in rules.RULES], dtype=np.float32)
    right, all_ = np.zeros(len(IDS)), np.zeros(len(IDS))
    for found, truth in zip(prepared.matches, prepared.truth, strict=True):
        match = probabilities.deciding(found, everything)
        if match and truth >= 0:
            index = probabilities.INDEX[match.rule.id]
            all_[index] += 1
            right[index] += ORDER[truth] is match.rule.category
    share = (right + 9) / (all_ + 10)
    return np.where((everything > 0) & (share >= LEAST_TRUSTED), share, 0).astype(np.float32)
