"""Engine of each organization: the shipped model plus its own corrections."""

from functools import lru_cache
from uuid import UUID

from messaging.models import TriageLearning
from salesbrain import rls

from . import differences, weights
from .engine import Engine

KEPT = 4
"""Engines of organizations in memory, 2.5 MB each."""


def engine_of(organization_id: UUID) -> Engine:
    """Return the organization's engine. Raises UnusableModel where none is shipped."""
    with rls.scope(rls.customer(organization_id)):
        learned = (
            TriageLearning.objects.filter(organization_id=organization_id, base=shipped_version())
            .exclude(differences=None)
            .values_list("version", flat=True)
            .first()
        )
    return _learned(organization_id, learned) if learned else _shipped()


def shipped_version() -> str:
    return weights.shipped().version


@lru_cache(maxsize=1)
def _shipped() -> Engine:
    return Engine()


@lru_cache(maxsize=KEPT)
def _learned(organization_id: UUID, version: str) -> Engine:
    """`version` is part of the key: a new learning result is another engine."""
    with rls.scope(rls.customer(organization_id)):
        data = TriageLearning.objects.values_list("differences", flat=True).get(
            organization_id=organization_id, version=version
        )
    return Engine(differences.unpack(bytes(data or b"")).applied_to(weights.shipped(), version))
