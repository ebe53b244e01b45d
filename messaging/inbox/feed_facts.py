"""Facts about the provider's webhooks for the inbox: last delivery, and since when none is missing.

An app of a provider registers the function that reads them, because messaging knows no provider.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.module_loading import import_string

KEPT = timedelta(seconds=10)
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """`heard_at`: latest delivery of any active workspace; `complete_since`: since when all are complete; None: unknown."""

    provider: str
    heard_at: datetime | None
    complete_since: datetime | None
    open_gaps: int


Reader = Callable[[Sequence[UUID]], FeedFacts | None]
_readers: list[str] = []
_kept: dict[tuple[UUID, ...], tuple[datetime, FeedFacts | None]] = {}


def register(reader: str) -> None:
    """Add a `Reader` by its dotted path, once: called from AppConfig.ready."""
    _readers[:] = [reader]


def facts_of(organizations: Sequence[UUID], *, now: datetime) -> FeedFacts | None:
    """Return the facts of these organizations' workspaces, at most ten seconds old; None where there is no workspace."""
    asked = tuple(sorted(organizations))
    kept = _kept.get(asked)
    if kept is None or not now - KEPT < kept[0] <= now:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _read(organizations)
        kept = _kept[asked] = now, found
    return kept[1]


def _read(organizations: Sequence[UUID]) -> FeedFacts | None:
    readers: list[Reader] = [import_string(path) for path in _readers]
    return next((facts for reader in readers if (facts := reader(organizations)) is not None), None)
