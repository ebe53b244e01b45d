"""Rate limit that the client applies to its own requests to Instantly.

Instantly documents 100 requests a second and 6,000 a minute per workspace; an operator observed 600 a minute; GET /emails has 20 a
minute of its own. Hence the defaults: 10 a second in general and 20 a minute for the list of mails.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from instantly.client.errors import BudgetExhausted
from instantly.client.sentences import sentence

BudgetKind = Literal["general", "emails"]

GENERAL_PER_SECOND = 10
EMAILS_PER_MINUTE = 20
_MINUTE = 61.0  # seconds: Instantly counts when a request arrives, not when we sent it


class RateBudget(Protocol):
    """Interface of the rate limit that the client consults before every request, repeats included."""

    def acquire(self, kind: BudgetKind, *, timeout: float) -> None:
        """Block until one request of ``kind`` may be sent.

        Waits at most ``timeout`` seconds; raises :class:`BudgetExhausted` at once when that is too short.
        """


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Numbers of requests used and left of a budget in the current window of ``seconds``."""

    kind: str
    used: int
    limit: int
    seconds: float

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


class LocalRateBudget:
    """A budget for one process, shared by its threads: never more than ``limit`` requests in any window of time.

    Callers are served in the order of their calls. Several processes need SharedRateBudget of instantly/connections instead.
    """

    def __init__(
        self,
        *,
        general_per_second: int = GENERAL_PER_SECOND,
        emails_per_minute: int = EMAILS_PER_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if general_per_second < 1 or emails_per_minute < 1:
            raise ValueError(
                "A rate budget allows at least one request; set general_per_second, emails_per_minute >= 1."
            )
        self._windows: dict[str, tuple[int, float]] = {
            "general": (general_per_second, 1.0),
            "emails": (emails_per_minute, _MINUTE),
        }
        self._turns: dict[str, deque[float]] = {kind: deque(maxlen=n) for kind, (n, _) in self._windows.items()}
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def acquire(self, kind: BudgetKind, *, timeout: float) -> None:
        limit, seconds = self._windows[kind]
        with self._lock:
            turns, now = self._turns[kind], self._clock()
            turn = max(now, turns[0] + seconds) if len(turns) == limit else now
            wait = turn - now
            if wait > timeout:
                raise BudgetExhausted(
                    sentence("provider.budget", limit=limit, seconds=f"{seconds:.0f}", kind=kind, wait=f"{wait:.1f}"),
                    retry_after=wait,
                    retryable=True,
                )
            turns.append(turn)
        if wait > 0:
            self._sleep(wait)

    def usage(self, kind: BudgetKind) -> BudgetUse:
        """Return how many requests of ``kind`` are used and left in the current window."""
        limit, seconds = self._windows[kind]
        with self._lock:
            since = self._clock() - seconds
            used = sum(1 for turn in self._turns[kind] if turn > since)
        return BudgetUse(kind, used, limit, seconds)
