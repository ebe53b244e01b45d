"""Documented rate limits of Instantly, emulated: sliding windows per workspace, all keys together."""

from collections import defaultdict, deque

from .simulation import Simulation
from .wire import Refusal

SECOND_MS, MINUTE_MS = 1_000, 60_000


class RateLimits:
    """Counts requests in sliding windows. Disabled unless ``enabled``, so that tests meet no unrequested limit."""

    def __init__(self, simulation: Simulation, *, enabled: bool = False) -> None:
        self._simulation = simulation
        self.enabled = enabled
        self._seen: defaultdict[tuple[str, str], deque[int]] = defaultdict(deque)

    def count_request(self, workspace_id: str, operation: str) -> None:
        """Count one request. Raises Refusal (429) if a limit is reached; a refused request is not counted."""
        if not self.enabled:
            return
        now_ms = self._simulation.clock.now_ms()
        windows = self._windows(operation)
        for name, length_ms, allowed in windows:
            seen = self._seen[workspace_id, name]
            while seen and seen[0] <= now_ms - length_ms:
                seen.popleft()
            if len(seen) >= allowed:
                raise Refusal(429, "Rate limit exceeded", headers=self._headers())
        for name, _, _ in windows:
            self._seen[workspace_id, name].append(now_ms)

    def _windows(self, operation: str) -> list[tuple[str, int, int]]:
        """(name, length in ms, allowed requests) of the windows an operation counts in."""
        assumptions = self._simulation.assumptions
        windows = [
            ("second", SECOND_MS, assumptions.requests_per_second),
            ("minute", MINUTE_MS, assumptions.requests_per_minute),
        ]
        of_operation = {
            "GET /emails": assumptions.email_lists_per_minute,
            "POST /emails/test": assumptions.test_mails_per_minute,
        }
        if operation in of_operation:
            windows.append((operation, MINUTE_MS, of_operation[operation]))
        return windows

    def _headers(self) -> dict[str, str]:
        seconds = self._simulation.assumptions.retry_after_on_429
        return {} if seconds is None else {"Retry-After": str(seconds)}
