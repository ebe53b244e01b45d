"""Rate limits as documented: per workspace, all keys together."""

from collections import defaultdict, deque

from .api.errors import Refusal
from .state.assumptions import Assumptions
from .state.clock import Clock

SECOND_MS, MINUTE_MS = 1_000, 60_000


class Limits:
    """Counts requests in sliding windows. Off until ``enabled``, so that tests meet no limit they did not ask for."""

    def __init__(self, clock: Clock, assumptions: Assumptions, *, enabled: bool = False) -> None:
        self._clock = clock
        self.assumptions = assumptions
        self.enabled = enabled
        self._seen: defaultdict[tuple[str, str], deque[int]] = defaultdict(deque)

    def spend(self, workspace_id: str, operation: str) -> None:
        """Count one request. Raises Refusal (429) where a limit is reached; a refused request counts nowhere."""
        if not self.enabled:
            return
        now_ms = self._clock.now_ms()
        windows = [
            ("second", SECOND_MS, self.assumptions.requests_per_second),
            ("minute", MINUTE_MS, self.assumptions.requests_per_minute),
        ]
        own = {
            "GET /emails": self.assumptions.email_lists_per_minute,
            "POST /emails/test": self.assumptions.test_mails_per_minute,
        }.get(operation)
        if own is not None:
            windows.append((operation, MINUTE_MS, own))
        for name, length_ms, allowed in windows:
            seen = self._seen[workspace_id, name]
            while seen and seen[0] <= now_ms - length_ms:
                seen.popleft()
            if len(seen) >= allowed:
                raise Refusal(429, "Rate limit exceeded", headers=self._headers())
        for name, _, _ in windows:
            self._seen[workspace_id, name].append(now_ms)

    def forget(self) -> None:
        self._seen.clear()

    def _headers(self) -> dict[str, str]:
        seconds = self.assumptions.retry_after_on_429
        return {} if seconds is None else {"Retry-After": str(seconds)}
