"""Categorize a reply (triage): by facts, then rules, then the model; abstain when in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from . import abstention, adjustments, embeddings, features, probabilities, reasons, rules, steering, weights
from .adjustments import Adjustments
from .classes import ORDER, Category, Source
from .rules import Match
from .sentences import Parts, read

__all__ = ["BATCH", "Engine", "Opinion", "Reply", "Source"]

Floats = npt.NDArray[np.float32]

BATCH = 64
"""Replies that are categorized together, which bounds memory."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Text of a reply without the quoted thread. `possible`: categories that facts leave; None: all.

    `sentences`: `Opinion.sentences` of an earlier answer of the same model to the same text, which saves the embeddings.
    """

    subject: str | None
    text: str | None
    possible: frozenset[Category] | None = None
    sentences: Floats | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Answer of the triage engine for one reply. `category` is the likeliest one even when the engine abstains; `p` is its calibrated
    probability. `sentences`: log probabilities from the embeddings alone, in the order of classes.ORDER; None without embeddings."""

    category: Category
    p: float
    abstains: bool
    candidates: tuple[Category, ...]
    source: Source
    rule: str
    reason: dict[str, object]
    probabilities: Floats = field(compare=False)
    sentences: Floats | None = field(default=None, compare=False)


class Engine:
    """A model ready to answer. Without embeddings installed it answers from words, n-grams and rules alone.

    `threshold`: reliability below which a person decides; None: the shipped one. `adjusted`: the organization's changes of the rules.
    """

    def __init__(
        self,
        model: weights.Weights | None = None,
        *,
        with_embeddings: bool | None = None,
        threshold: float | None = None,
        adjusted: Adjustments = adjustments.NONE,
    ) -> None:
        self.weights = model or weights.shipped()
        self.with_embeddings = embeddings.available() if with_embeddings is None else with_embeddings
        self.adjusted = adjusted
        self._row = weights.WITH if self.with_embeddings else weights.WITHOUT
        self.threshold = float(self.weights.threshold[self._row]) if threshold is None else threshold

    @property
    def version(self) -> str:
        """Return the version of model and mode, stored with each answer."""
        return f"{self.weights.version}{'+e' if self.with_embeddings else ''}"

    def classify(self, replies: Sequence[Reply]) -> list[Opinion]:
        """Return an opinion for each reply, in order. Linear in the bounded text; never raises because of a reply's content."""
        found: list[Opinion] = []
        for start in range(0, len(replies), BATCH):
            found += self._classify(replies[start : start + BATCH])
        return found

    def _classify(self, replies: Sequence[Reply]) -> list[Opinion]:
        read_parts = [steering.without_instructions(read(reply.subject, reply.text)) for reply in replies]
        parts = [own for own, _ in read_parts]
        matches = [self.adjusted.left(rules.matches(own)) for own in parts]
        vectors = [features.vector(own, found, self.weights.rarity) for own, found in zip(parts, matches, strict=True)]
        grams = probabilities.of_grams(self.weights, vectors)
        sentences = self._sentences(replies, parts) if self.with_embeddings else None
        scores = probabilities.mixed(grams, sentences, float(self.weights.mix[0]))
        tempered = probabilities.tempered(scores, float(self.weights.temperature[self._row]))
        return [
            self._opinion(
                reply,
                _Read(own, dropped, found, vector),
                row,
                np.exp(grams[index]),
                sentences[index] if sentences is not None else None,
            )
            for index, (reply, (own, dropped), found, vector, row) in enumerate(
                zip(replies, read_parts, matches, vectors, tempered, strict=True)
            )
        ]

    def _sentences(self, replies: Sequence[Reply], parts: Sequence[Parts]) -> Floats:
        """Return a row of log probabilities for each reply; computed only for replies without stored ones (`Reply.sentences`)."""
        unknown = [index for index, reply in enumerate(replies) if reply.sentences is None]
        found = np.zeros((len(replies), len(ORDER)), dtype=np.float32)
        for index, reply in enumerate(replies):
            if reply.sentences is not None:
                found[index] = reply.sentences
        if unknown:
            pooled = embeddings.pooled([parts[index] for index in unknown])
            found[unknown] = probabilities.of_sentences(self.weights, pooled)
        return found

    def _opinion(self, reply: Reply, own: "_Read", row: Floats, grams: Floats, sentences: Floats | None) -> Opinion:
        parts, matches = own.parts, own.matches
        own_rule = self.adjusted.own_match(parts)
        rule = own_rule or probabilities.deciding(matches, self.weights.trust)
        if rule and reply.possible is not None and rule.rule.category not in reply.possible:
            rule = own_rule = None
        row = probabilities.without_people(row, matches)
        if own_rule:
            row = probabilities.with_share(row, own_rule.rule.category, adjustments.TRUST)
        else:
            row = probabilities.with_rule(row, rule, self.weights.trust)
        row = _restrict_to_possible(row, reply.possible)
        signs = abstention.reliability_features(
            row,
            grams,
            None if sentences is None else np.exp(sentences),
            parts,
            [*matches, own_rule] if own_rule else matches,
        )
        reliable = abstention.reliability(signs, self.weights.reliability[self._row])
        answer = abstention.answer(row, 1.0 if own_rule else reliable, self.threshold)
        is_silent = not (parts.subject or parts.body or parts.footer)
        decided = rule is not None and rule.rule.category is answer.category
        source = Source.RULE if decided else Source.MODEL
        if reply.possible is not None and len(reply.possible) == 1:
            source, answer = Source.FACT, abstention.Answer(answer.category, False, (answer.category,))
            is_silent = False
        return Opinion(
            answer.category,
            float(row[probabilities.COLUMN[answer.category]]),
            answer.abstains or is_silent,
            answer.candidates,
            source,
            rule.rule.id if decided and rule else "",
            reasons.explain(
                self.weights, parts, matches, rule if decided else None, own.vector, answer.category, own.dropped
            ),
            row,
            sentences,
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A parsed reply; `dropped`: number of removed sentences addressed to the classifier."""

    parts: Parts
    dropped: int
    matches: Sequence[Match]
    vector: features.Vector


def _restrict_to_possible(row: Floats, possible: frozenset[Category] | None) -> Floats:
    """Return the probabilities among the categories that facts leave possible."""
    if possible is None:
        return row
    kept = np.array([category in possible for category in ORDER])
    out = np.where(kept, np.maximum(row, probabilities.LEAST), 0).astype(np.float32)
    return out / out.sum()
