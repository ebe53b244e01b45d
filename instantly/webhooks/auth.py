"""Authenticate a webhook delivery: its secret header identifies the connection.

Instantly signs nothing; it only lets us set headers.

Secrets are compared as SHA-256 digests, all of the same length, each with a constant-time comparison. They are cached for KEPT_FOR
seconds, which is also how long a revoked one may still work; an unknown one reloads them, at most once in REREAD seconds, so that a
new one works at once and guessing costs us nothing.
"""

import hmac
from threading import Lock
from time import monotonic
from uuid import UUID

from django.utils import timezone

from accounts.models import WebhookSecret
from accounts.models.connection import digest
from salesbrain import rls

KEPT_FOR = 30.0
REREAD = 1.0
ALIAS = "inbox"


class Secrets:
    """Cache of the digests of valid webhook secrets, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[tuple[bytes, UUID], ...] = ()
        self._read_at = float("-inf")

    def connection_for(self, secret: str) -> UUID | None:
        """Return the connection of a secret, None if it is unknown. Raises DatabaseError if that cannot be determined."""
        if not secret:
            return None
        offered = digest(secret)
        self._read(older_than=KEPT_FOR)
        found = self._match(offered)
        if found is None and self._read(older_than=REREAD):
            found = self._match(offered)
        return found

    def cached(self, secret: str) -> UUID | None:
        """Return the connection of a secret from the cache alone, without a query; None if it is not there."""
        if not secret or monotonic() - self._read_at > KEPT_FOR:
            return None
        return self._match(digest(secret))

    def _match(self, offered: bytes) -> UUID | None:
        found = None
        for known, connection_id in self._known:
            if hmac.compare_digest(known, offered):
                found = connection_id
        return found

    def _read(self, *, older_than: float) -> bool:
        if monotonic() - self._read_at <= older_than:
            return False
        with self._lock:
            if monotonic() - self._read_at <= older_than:
                return True  # another thread has just read them
            with rls.scope(rls.SYSTEM, using=ALIAS):
                valid = WebhookSecret.objects.using(ALIAS).valid(timezone.now())
                self._known = tuple(
                    (bytes(known), connection_id)
                    for known, connection_id in valid.values_list("digest", "connection_id")
                )
            self._read_at = monotonic()
            return True

    def forget(self) -> None:
        """Empty the cache, so that the next call reloads it (tests, rotation in this process)."""
        self._read_at = float("-inf")


secrets = Secrets()
