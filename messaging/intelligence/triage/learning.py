"""Train a classifier on an organization's corrections; use it only if it makes fewer errors.

Both classifiers are judged on replies held back from training.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Coalesce, Left

from messaging.choices import Direction
from messaging.models import CategoryCorrection, Message, MessageCategory, TriageLearning
from salesbrain import rls

from . import differences, embeddings, features, rules, steering, weights
from .classes import UNSURE, Category
from .corrections import ENOUGH
from .differences import Differences, Example
from .engine import Engine, Reply, Source
from .sentences import read

logger = logging.getLogger(__name__)

MOST_CORRECTIONS = 500
MOST_ANCHORS = 200
SURE = 0.8
FEWEST = 6
"""Corrections below which nothing is learned."""

HELD_BACK = 3
"""One reply in this many is held back for judging."""

NIGHTLY = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class TaughtReply:
    """A reply with its valid category; `is_correction`: set by a person."""

    id: UUID
    reply: Reply
    category: Category
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Errors of the present and the new classifier on held-back replies; `adopted` is None if the new one is worse."""

    corrections: int
    held_back: int
    errors_before: int
    errors_after: int
    adopted: Differences | None


def due(*, now: datetime) -> list[UUID]:
    """Return organizations that should learn: with ENOUGH new corrections, or with any since the last night."""
    with rls.scope(rls.SYSTEM):
        rows = list(TriageLearning.objects.filter(is_due=True).order_by("pk"))
        return [
            row.organization_id
            for row in rows
            if row.learned_at is None
            or now - row.learned_at >= NIGHTLY
            or CategoryCorrection.objects.filter(
                organization_id=row.organization_id, corrected_at__gt=row.learned_at
            ).count()
            >= ENOUGH
        ]


def learn_for(organization_id: UUID, *, now: datetime) -> Outcome:
    """Train on all of the organization's corrections, store the result and return it. Raises UnusableModel."""
    outcome = judge(weights.shipped(), taught(organization_id))
    data = outcome.adopted.packed() if outcome.adopted else None
    base = weights.shipped().version
    with rls.scope(rls.SYSTEM):
        TriageLearning.objects.update_or_create(
            organization_id=organization_id,
            defaults={
                "is_due": False,
                "differences": data,
                "base": base,
                "version": f"{base}.{hashlib.sha256(data).hexdigest()[:8]}" if data else "",
                "corrections": outcome.corrections,
                "held_back": outcome.held_back,
                "errors_before": outcome.errors_before,
                "errors_after": outcome.errors_after,
                "is_adopted": data is not None,
                "learned_at": now,
            },
        )
    logger.info(
        "Triage of organization %s: %d errors before, %d after on %d held back; %s",
        organization_id,
        outcome.errors_before,
        outcome.errors_after,
        outcome.held_back,
        "adopted" if data else "discarded",
    )
    return outcome


def taught(organization_id: UUID) -> list[TaughtReply]:
    """Return the organization's latest corrections, and recent replies without a correction, read in its own scope."""
    with rls.scope(rls.customer(organization_id)):
        corrections = dict(
            CategoryCorrection.objects.filter(organization_id=organization_id)
            .order_by("-corrected_at", "pk")
            .values_list("pk", "category")[:MOST_CORRECTIONS]
        )
        anchors = dict(
            MessageCategory.objects.filter(organization_id=organization_id, p__gte=SURE)
            .exclude(category=UNSURE)
            .exclude(source=Source.STAFF)
            .order_by("-decided_at", "pk")
            .values_list("pk", "category")[:MOST_ANCHORS]
        )
        known = anchors | corrections
        rows = (
            Message.objects.filter(organization_id=organization_id, pk__in=list(known), direction=Direction.IN)
            .annotate(text=Left(Coalesce("reply_text", "body_text"), 10000))
            .order_by("pk")
            .values_list("pk", "subject", "text")
        )
        return [
            TaughtReply(pk, Reply(subject, text), Category(known[pk]), pk in corrections)
            for pk, subject, text in rows
            if (text or "").strip()
        ]


def judge(shipped: weights.Weights, replies: Sequence[TaughtReply], *, with_embeddings: bool | None = None) -> Outcome:
    """Train on two thirds of the replies, count both classifiers' errors on the rest, and return what to adopt, trained on all."""
    with_embeddings = embeddings.available() if with_embeddings is None else with_embeddings
    corrections = sum(each.is_correction for each in replies)
    held = [each for each in replies if _is_held_back(each)]
    if corrections < FEWEST or not any(each.is_correction for each in held):
        return Outcome(corrections, 0, 0, 0, None)
    teaching = [each for each in replies if not _is_held_back(each)]
    challenger = differences.learn(shipped, examples(teaching, shipped.rarity, with_embeddings=with_embeddings))
    before = _errors(shipped, held, with_embeddings)
    after = _errors(challenger.applied_to(shipped, "challenger"), held, with_embeddings)
    adopted = (
        differences.learn(shipped, examples(replies, shipped.rarity, with_embeddings=with_embeddings))
        if after < before
        else None
    )
    return Outcome(corrections, len(held), before, after, adopted)


def examples(replies: Sequence[TaughtReply], rarity: features.Floats, *, with_embeddings: bool) -> list[Example]:
    parts = [steering.without_instructions(read(each.reply.subject, each.reply.text))[0] for each in replies]
    pooled = embeddings.pooled(parts) if with_embeddings else None
    found = []
    for index, (each, own) in enumerate(zip(replies, parts, strict=True)):
        matches = tuple(rules.matches(own))
        found.append(
            Example(
                features.vector(own, matches, rarity),
                matches,
                pooled[index] if pooled is not None else None,
                each.category,
                1.0 if each.is_correction else differences.ANCHOR,
            )
        )
    return found


def _errors(model: weights.Weights, held: Sequence[TaughtReply], with_embeddings: bool) -> int:
    opinions = Engine(model, with_embeddings=with_embeddings).classify([each.reply for each in held])
    return sum(opinion.category is not each.category for opinion, each in zip(opinions, held, strict=True))


def _is_held_back(each: TaughtReply) -> bool:
    """Return whether a reply is held back from training; depends on the message alone, so that every attempt uses the same replies."""
    return hashlib.sha256(each.id.bytes).digest()[0] % HELD_BACK == 0
