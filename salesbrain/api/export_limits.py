"""Limit the exports that run at the same time, per caller and in total, in each web process.

An export holds a thread and memory for as long as its reader takes, so a few abandoned ones would block all others.
"""

from collections.abc import Iterator
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled

from salesbrain.kernel.serving.lanes import PerKey

MINE = _("%(count)s exports of yours are still running. Read one to its end or close its connection, then try again.")
ALL = _("%(count)s exports are running already. Try again in a moment.")
SOON = 5
"""Seconds to wait after a refusal, when another export may have ended."""

_running: PerKey | None = None


class Permit:
    """Permission to run one export; released once, when its response is closed."""

    def __init__(self, running: PerKey, key: object) -> None:
        self._running, self._key = running, key
        self._lock, self._given_back = Lock(), False

    def during(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces, then release the permit, also if the reader stops early."""
        try:
            yield from pieces
        finally:
            self.give_back()

    def ends_with(self, response: StreamingHttpResponse) -> None:
        """Release the permit when the response is closed, also if it was interrupted or its body never began."""
        closers: list[Any] = response._resource_closers  # type: ignore[attr-defined]  # the stubs lack it
        closers.append(self.give_back)

    def give_back(self) -> None:
        with self._lock:
            given_back, self._given_back = self._given_back, True
        if not given_back:
            self._running.give_back(self._key)


def permit(caller: object) -> Permit:
    """Count an export of this caller; raises Throttled (429) if there are too many."""
    running = _counts()
    if running.take(caller):
        return Permit(running, caller)
    if running.held(caller) >= running.most:
        raise Throttled(settings.WEB_STALLED_SECONDS, MINE % {"count": running.most})
    raise Throttled(SOON, ALL % {"count": running.total})


def forget() -> None:
    """Reset all counts, with the current settings (for tests)."""
    global _running
    _running = None


def _counts() -> PerKey:
    global _running
    if _running is None:
        _running = PerKey(most=settings.EXPORTS_OF_A_CALLER, total=settings.EXPORTS_AT_ONCE)
    return _running
