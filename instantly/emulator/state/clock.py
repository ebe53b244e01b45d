"""Clocks of the emulator, the system's or a manual one, and its timestamps.

Instants are integers, milliseconds since 1970 UTC: they compare, add and serialise without conversion, and Instantly's
own timestamps have millisecond precision. Formatting and parsing happen only here.
"""

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

DAY_MS = 86_400_000


class Clock(Protocol):
    """A source of time that can also wait."""

    def now_ms(self) -> int: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The clock of the operating system."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that only moves on request, so that tests do not wait. ``sleep`` moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        start = start or datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._now_ms = int(start.timestamp() * 1000)
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        return self._now_ms

    def sleep(self, seconds: float) -> None:
        self.move_to(self._now_ms + round(seconds * 1000))

    def move_to(self, ms: int) -> None:
        """Set the time. An earlier time is ignored: journal and tables rely on time never going back."""
        with self._lock:
            self._now_ms = max(self._now_ms, ms)


def iso(ms: int) -> str:
    """Return a time in Instantly's format (UTC, milliseconds, Z): ``2026-03-02T09:00:00.000Z``."""
    seconds, milliseconds = divmod(ms, 1000)
    return f"{_iso_seconds(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=4096)
def _iso_seconds(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def day(ms: int) -> str:
    """Return the UTC day of a time as text: ``2026-03-02``."""
    return iso(ms)[:10]


def parse_instant(text: str) -> int:
    """Parse an ISO date ("interpreted as UTC midnight") or instant into milliseconds. Raises ValueError otherwise."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
