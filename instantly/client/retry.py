"""Deadlines and retries of calls to Instantly.

A call that changes nothing is repeated after 429, 5xx and network errors; a write only after 429, because Instantly has no
idempotency key and every other fault leaves open whether the write happened. Three attempts, exponential backoff with jitter,
``Retry-After`` honoured up to a limit, all of it inside the call's deadline.
"""

import logging
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_exponential_jitter, wait_random

from .errors import CallTimeout, InstantlyError, NetworkError, RateLimited, ServerError

log = logging.getLogger("instantly.client")

ATTEMPTS = 3
RETRY_AFTER_CAP = 20.0  # seconds we sleep for a Retry-After inside a call; a longer wait is the caller's to schedule
RETRY_AFTER_BELIEVED = 3600.0  # seconds; what is passed on to callers when the header is absurd
_BACKOFF = wait_exponential_jitter(multiplier=0.5, max=8, exp_base=2, jitter=0.5)
_SPREAD = wait_random(0, 0.25)  # so that processes with the same Retry-After do not retry in step
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,6})?\Z", re.ASCII)


class Deadline:
    """Remaining time of a call, by ``clock`` (seconds, monotonic); ``outer`` may end it earlier."""

    def __init__(self, seconds: float, clock: Callable[[], float], outer: "Deadline | None" = None) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds
        self.outer = outer

    def left(self) -> float:
        """Return the seconds left, 0 when the deadline is over."""
        own = max(0.0, self._end - self._clock())
        return own if self.outer is None else min(own, self.outer.left())

    def outer_left(self) -> float:
        """Return the seconds left of the deadline around this call; infinite without one."""
        return math.inf if self.outer is None else self.outer.left()

    def share(self, most: float) -> float:
        """Return the seconds one step may wait: ``most``, or less if the deadline comes first. Raises TimeoutError when nothing is left."""
        left = self.left()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        return min(most, left)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop this deadline's clock during the block; the outer deadline keeps running."""
        began = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - began


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds to wait from a ``Retry-After`` header (number or date); None if it is absent or invalid.

    Limited to the range from 0 to an hour.
    """
    text = (value or "").strip()
    if _SECONDS.match(text):
        return min(float(text), RETRY_AFTER_BELIEVED)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(0.0, seconds), RETRY_AFTER_BELIEVED)


def is_retryable(error: BaseException, *, safe: bool) -> bool:
    """Return whether a call with this error is tried again within the same call."""
    if isinstance(error, RateLimited):
        return True
    return safe and isinstance(error, (ServerError, NetworkError, CallTimeout)) and error.retryable


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, InstantlyError) and error.retry_after is not None:
        return min(error.retry_after, RETRY_AFTER_CAP) + _SPREAD(state)
    return _BACKOFF(state)


def retrying(call: str, *, safe: bool, deadline: Deadline, sleep: Callable[[float], None]) -> Retrying:
    """Return a tenacity controller that retries as `is_retryable` allows, within the deadline, and raises the last error unwrapped."""

    def enough(state: RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS or state.upcoming_sleep >= deadline.left()

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.info(
            "%s: attempt %s of %s failed (%s), again in %.1f s",
            call, state.attempt_number, ATTEMPTS, type(error).__name__, state.upcoming_sleep,
        )  # fmt: skip

    return Retrying(
        retry=retry_if_exception(lambda error: is_retryable(error, safe=safe)),
        wait=_pause,
        stop=enough,
        sleep=sleep,
        before_sleep=note,
        reraise=True,
    )
