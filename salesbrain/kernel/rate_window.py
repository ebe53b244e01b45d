"""Fixed-window request counter in process memory, to refuse excess before the database is queried.

Approximate: per process and unsynchronised. Exact counts are in PostgreSQL (salesbrain.api.throttles).
"""

from collections.abc import Hashable
from ipaddress import IPv6Address, ip_address
from time import monotonic

MAX_KEYS = 50_000
"""Keys a window remembers; further ones are counted as one, so that made-up addresses cost no memory."""

OVERFLOW_KEY = object()


class FixedWindow:
    """Counts by key, reset every `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.reset()

    def reset(self) -> None:
        self._counts: dict[Hashable, int] = {}
        self._ends_at = monotonic() + self.seconds

    def hit(self, key: Hashable, limit: int) -> float:
        """Count one; return 0.0, or the seconds to wait when it exceeds the limit. A limit of 0 means no limit."""
        if not limit:
            return 0.0
        now = monotonic()
        if now >= self._ends_at:
            self.reset()
        counts = self._counts
        if key not in counts and len(counts) >= MAX_KEYS:
            key = OVERFLOW_KEY
        counts[key] = count = counts.get(key, 0) + 1
        return 0.0 if count <= limit else max(self._ends_at - now, 1.0)


def client_prefix(address: str) -> str:
    """Return the key under which an IP address is counted: itself, or the /64 of an IPv6 address (one client owns all of it)."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    assert isinstance(parsed, IPv6Address)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
