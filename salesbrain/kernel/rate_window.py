"""Counting in this process: who asks far too often is turned away before the database is asked anything.

A bound and not a bill: every process counts for itself, and threads may lose a count to each other. What must be exact is counted
in PostgreSQL (salesbrain.api.throttles).
"""

from collections.abc import Hashable
from ipaddress import IPv6Address, ip_address
from time import monotonic

MOST = 50_000
"""Keys a window remembers; further ones are counted as one, so that made-up addresses cost no memory."""

OTHERS = object()


class Window:
    """Counts by key, all from nothing every `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.forget()

    def forget(self) -> None:
        self._counts: dict[Hashable, int] = {}
        self._ends_at = monotonic() + self.seconds

    def wait(self, key: Hashable, limit: int) -> float:
        """Count one; return 0.0, or the seconds to wait where it is one too many. A limit of 0 is none."""
        if not limit:
            return 0.0
        now = monotonic()
        if now >= self._ends_at:
            self.forget()
        counts = self._counts
        if key not in counts and len(counts) >= MOST:
            key = OTHERS
        counts[key] = count = counts.get(key, 0) + 1
        return 0.0 if count <= limit else max(self._ends_at - now, 1.0)


def neighbourhood(address: str) -> str:
    """Return what an address counts as: itself, and of IPv6 the /64, because whoever has one has 2^64 of them."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    assert isinstance(parsed, IPv6Address)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
