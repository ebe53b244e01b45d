"""Are the walls whole, now and while this process runs? Whoever would show rows or work with them asks here.

The catalogue is looked at when a process starts and every EVERY seconds after that: a table that somebody takes out from under its
policies in the meantime (a restore, a repair by hand, a migration of somebody else's) ends the serving within that time. A
database that does not answer says nothing about its walls: what was known last stays.
"""

import logging
import threading
from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from .checks import refusals

logger = logging.getLogger(__name__)

EVERY = 15.0
AWAY = "salesbrain.E010"
OPEN = ("/healthz", "/readyz", "/metrics", "/webhooks/", "/static/")
"""Who watches must see why. A delivery shows nobody anything, and one that is refused too often is lost: it is stored and waits."""

WORDS = (
    "This installation does not serve: what keeps its customers apart is not whole. Its operators see why at /readyz."
)


class Guard:
    """What a process knows of the walls. `reasons`: why it must not serve; empty where all is well."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self._ended = threading.Event()

    def look(self, *, using: str = "default") -> list[str]:
        """Look at the catalogue and return the reasons. Says in the log when they begin, change and end."""
        found = refusals(using=using)
        if any(id == AWAY for id, _, _ in found):
            return self.reasons
        reasons = [f"{id}: {text} {hint}" for id, text, hint in found]
        if reasons != self.reasons:
            logger.critical(
                "This process does not serve: %s", " ".join(reasons) or "no longer, the walls are whole again"
            )
        self.reasons = reasons
        return reasons

    def watch(self) -> None:
        """Look now, and from a thread of its own as long as the process lives."""
        self.look()
        connections["default"].close()  # the thread that loads the application is none of those that answer
        threading.Thread(target=self._go_on, name="walls", daemon=True).start()

    def end(self) -> None:
        """Look no more (tests: a process that serves looks as long as it lives)."""
        self._ended.set()

    def _go_on(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.look()
            except Exception:
                logger.exception("Could not look at the walls")
            finally:
                connections["default"].close()


guard = Guard()


class WallsMiddleware:
    """Answer 503 while the walls are not whole, whatever is asked, but to whom `OPEN` lets in. Asks no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not guard.reasons or request.path_info.startswith(OPEN):
            return self.get_response(request)
        headers = {"Retry-After": str(int(EVERY)), "Cache-Control": "no-store"}
        if request.path_info.startswith("/api/"):
            body = {"success": False, "detail": WORDS, "code": "walls_not_whole", "errors": {}}
            return JsonResponse(body, status=503, headers=headers)
        return HttpResponse(WORDS, status=503, headers=headers, content_type="text/plain; charset=utf-8")
