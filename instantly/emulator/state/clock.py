"""What time it is for the emulator: the machine's clock for people, a hand-turned one for tests.

Instants are integers, milliseconds since 1970 UTC: they compare, add and go into JSON without ado, and Instantly's
own timestamps have milliseconds too. Texts are made and read here only.
"""

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

DAY_MS = 86_400_000


class Clock(Protocol):
    """Anything that knows the time and can wait."""

    def now_ms(self) -> int: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that only moves when told to, so that tests neither wait nor guess. ``sleep`` moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        start = start or datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._now_ms = int(start.timestamp() * 1000)
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        return self._now_ms

    def sleep(self, seconds: float) -> None:
        self.move_to(self._now_ms + round(seconds * 1000))

    def move_to(self, ms: int) -> None:
        """Set the time; going back is ignored, as a clock that ran backwards would break the order of everything."""
        with self._lock:
            self._now_ms = max(self._now_ms, ms)


def iso(ms: int) -> str:
    """``2026-03-02T09:00:00.000Z``: how Instantly writes an instant (UTC, milliseconds, Z)."""
    whole, rest = divmod(ms, 1000)
    return f"{_to_the_second(whole)}.{rest:03d}Z"


@lru_cache(maxsize=4096)
def _to_the_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def day(ms: int) -> str:
    """``2026-03-02``: the UTC day."""
    return iso(ms)[:10]


def parse_instant(text: str) -> int:
    """Milliseconds of an ISO date ("interpreted as UTC midnight") or instant. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
