"""Check row-level security at start-up and every 15 s; web and worker refuse to serve while it fails.

If a table loses its policies while a process runs (a restore, a manual repair, a foreign migration), serving stops within INTERVAL
seconds. When the database does not answer, the last result stands.
"""

import logging
import threading
from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from .checks import reasons_to_refuse

logger = logging.getLogger(__name__)

INTERVAL = 15.0
DATABASE_UNREACHABLE = "salesbrain.E010"
EXEMPT_PATHS = ("/healthz", "/readyz", "/metrics", "/webhooks/", "/static/")
"""Paths that are served while the check fails. Monitoring needs the reason; deliveries disclose nothing and would be lost if refused
repeatedly, so they are stored and wait.
"""

SUSPENDED = "Customer isolation check failed; service suspended. Operators find the reason at /readyz."


class SelfCheck:
    """Latest result of the check. `reasons`: why this process must not serve; empty if all is well."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self._ended = threading.Event()

    def check(self, *, using: str = "default") -> list[str]:
        """Check the catalogue and return the reasons not to serve. Logs when they begin, change and end."""
        found = reasons_to_refuse(using=using)
        if any(id == DATABASE_UNREACHABLE for id, _, _ in found):
            return self.reasons
        reasons = [f"{id}: {text} {hint}" for id, text, hint in found]
        if reasons != self.reasons:
            logger.critical(
                "This process does not serve: %s", " ".join(reasons) or "resolved: the isolation check passes again"
            )
        self.reasons = reasons
        return reasons

    def start(self) -> None:
        """Check now, and then regularly in a background thread."""
        self.check()
        connections["default"].close()  # the loader thread serves no requests, so its connection would leak
        threading.Thread(target=self._run, name="rls-self-check", daemon=True).start()

    def stop(self) -> None:
        """Stop checking (tests only: a process that serves checks as long as it lives)."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL):
            try:
                self.check()
            except Exception:
                logger.exception("Could not run the RLS self-check")
            finally:
                connections["default"].close()


self_check = SelfCheck()


class SelfCheckMiddleware:
    """Answer 503 to every path but EXEMPT_PATHS while the self-check fails. Queries no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self_check.reasons or request.path_info.startswith(EXEMPT_PATHS):
            return self.get_response(request)
        headers = {"Retry-After": str(int(INTERVAL)), "Cache-Control": "no-store"}
        if request.path_info.startswith("/api/"):
            body = {"success": False, "detail": SUSPENDED, "code": "walls_not_whole", "errors": {}}
            return JsonResponse(body, status=503, headers=headers)
        return self.refusal(headers)

    def refusal(self, headers: dict[str, str]) -> HttpResponse:
        """Return the refusal as text; salesbrain/web/error_pages.py overrides it with a page."""
        return HttpResponse(SUSPENDED, status=503, headers=headers, content_type="text/plain; charset=utf-8")
