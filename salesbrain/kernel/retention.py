"""Rules of retention: kinds of rows that are removed after a number of days, in bounded batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

LEAST_OF_RECORDS = 30
"""Days that audit and access entries are kept at least. The database's policy has the same number: accounts/migrations/sql."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`count` takes a time and returns how many rows are older; `batches` takes a time and a batch size and removes them, one transaction
    a batch, yielding the number of each. Both open their own scope."""

    name: str
    setting: str
    what: str
    count: Callable[[datetime], int]
    batches: Callable[[datetime, int], Iterator[int]]

    @property
    def days(self) -> int:
        """Return the setting's days; 0: for ever."""
        return int(getattr(settings, self.setting))

    def before(self, now: datetime) -> datetime | None:
        """Return the time before which rows are removed, None where they are kept for ever."""
        return now - timedelta(days=self.days) if self.days else None
