"""Provide the triage engine of an organization: the shipped model plus its own corrections."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from messaging.models import TriageLearning
from salesbrain import rls

from . import adjustments, differences, weights
from .adjustments import Adjustments
from .engine import Engine

KEPT = 4
"""Engines of organizations cached in memory, 2.5 MB each."""


def engine_of(organization_id: UUID) -> Engine:
    """Return the organization's engine. Raises UnusableModel if none is shipped."""
    return engines_of([organization_id])[organization_id]


def engines_of(organization_ids: Collection[UUID]) -> dict[UUID, Engine]:
    """Return each organization's engine, with one query for all. Raises UnusableModel if none is shipped."""
    with rls.scope(rls.SYSTEM):
        rows = TriageLearning.objects.filter(organization_id__in=organization_ids)
        known = {row.pk: row for row in rows.defer("differences").annotate(has_learned=Q(differences__isnull=False))}
    return {id: _engine(id, known.get(id)) for id in organization_ids}


def _engine(organization_id: UUID, own: Any) -> Engine:
    if own is None:
        return _shipped(None, adjustments.NONE)
    adjusted = adjustments.stored(own.rules)
    if own.has_learned and own.base == shipped_version():
        return _learned(organization_id, own.version, own.threshold, adjusted)
    return _shipped(own.threshold, adjusted)


def shipped_version() -> str:
    return weights.shipped().version


@lru_cache(maxsize=KEPT)
def _shipped(threshold: float | None, adjusted: Adjustments) -> Engine:
    return Engine(threshold=threshold, adjusted=adjusted)


@lru_cache(maxsize=KEPT)
def _learned(organization_id: UUID, version: str, threshold: float | None, adjusted: Adjustments) -> Engine:
    """Load an organization's learned model; cached by `version`, so that a new result is loaded again."""
    with rls.scope(rls.customer(organization_id)):
        data = TriageLearning.objects.values_list("differences", flat=True).get(
            organization_id=organization_id, version=version
        )
    learned = differences.unpack(bytes(data or b"")).applied_to(weights.shipped(), version)
    return Engine(learned, threshold=threshold, adjusted=adjusted)
