"""Provide the triage engine of an organization: the shipped model plus its own corrections."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from messaging.models import TriageLearning
from salesbrain import rls

from . import differences, weights
from .engine import Engine

KEPT = 4
"""Engines of organizations in memory, 2.5 MB each."""


def engine_of(organization_id: UUID) -> Engine:
    """Return the organization's engine. Raises UnusableModel if none is shipped."""
    return engines_of([organization_id])[organization_id]


def engines_of(organization_ids: Collection[UUID]) -> dict[UUID, Engine]:
    """Return each organization's engine, with one query for all. Raises UnusableModel if none is shipped."""
    with rls.scope(rls.SYSTEM):
        own = TriageLearning.objects.filter(organization_id__in=organization_ids, base=shipped_version())
        learned = dict(own.exclude(differences=None).values_list("organization_id", "version"))
    return {id: _learned(id, learned[id]) if id in learned else _shipped() for id in organization_ids}


def shipped_version() -> str:
    return weights.shipped().version


@lru_cache(maxsize=1)
def _shipped() -> Engine:
    return Engine()


@lru_cache(maxsize=KEPT)
def _learned(organization_id: UUID, version: str) -> Engine:
    """Load an organization's learned model; cached by `version`, so that a new result is loaded again."""
    with rls.scope(rls.customer(organization_id)):
        data = TriageLearning.objects.values_list("differences", flat=True).get(
            organization_id=organization_id, version=version
        )
    return Engine(differences.unpack(bytes(data or b"")).applied_to(weights.shipped(), version))
