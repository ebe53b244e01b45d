"""Facts of the provider's feed for the pages: last heard, complete since, progress of a first sync.

The provider's app registers the function that reads them, by its dotted path, because this app may not import it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils.module_loading import import_string

KEPT, KEPT_ARRIVING = timedelta(seconds=10), timedelta(seconds=2)
MOST_KEPT = 1000


class Stage(StrEnum):
    """Steps of a workspace's first sync, in their order."""

    LISTING = "listing"
    """Campaigns and email accounts are being listed."""

    RECORDING = "recording"
    """Deliveries, of the present and of the past, wait to be recorded."""

    CHECKING = "checking"
    """The first gap repair has not succeeded yet: mails of the past may be missing."""


@dataclass(frozen=True, slots=True)
class FirstSync:
    """Progress of a workspace's first sync that is not complete yet. `recorded` and `waiting` count deliveries, `began_at` is when the
    first of them came."""

    stage: Stage
    has_failed: bool = False
    recorded: int = 0
    waiting: int = 0
    began_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.recorded + self.waiting

    def remaining(self, now: datetime) -> timedelta | None:
        """Return the estimated time until all deliveries are recorded, at the pace so far; None before there is a pace."""
        if self.began_at is None or not self.recorded or now <= self.began_at:
            return None
        return (now - self.began_at) * self.waiting / self.recorded


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """Facts of an organization's feed. `heard_at`: latest delivery of any workspace; `complete_since`: since when all their feeds are
    complete.

    `first_sync`: None once it is complete.
    """

    provider: str
    heard_at: datetime | None
    complete_since: datetime | None
    open_gaps: int
    first_sync: FirstSync | None = None


Reader = Callable[[Sequence[UUID], datetime], FeedFacts | None]
_readers: list[str] = []
_kept: dict[tuple[UUID, ...], tuple[datetime, FeedFacts | None]] = {}


def register(reader: str) -> None:
    """Add a `Reader` by its dotted path, once: called from AppConfig.ready."""
    _readers[:] = [reader]


def facts_of(organizations: Sequence[UUID], *, now: datetime) -> FeedFacts | None:
    """Return the facts of these organizations' workspaces, at most ten seconds old (two in a first sync); None without a workspace."""
    asked = tuple(sorted(organizations))
    kept = _kept.get(asked)
    if kept is None or not now - _lifetime(kept[1]) < kept[0] <= now:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _read(organizations, now)
        kept = _kept[asked] = now, found
    return kept[1]


def _lifetime(facts: FeedFacts | None) -> timedelta:
    return KEPT_ARRIVING if facts is not None and facts.first_sync is not None else KEPT


def _read(organizations: Sequence[UUID], now: datetime) -> FeedFacts | None:
    readers: list[Reader] = [import_string(path) for path in _readers]
    return next((facts for reader in readers if (facts := reader(organizations, now)) is not None), None)
