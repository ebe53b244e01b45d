"""HTTP access log: one line per request with method, path, status, duration, address and user.

Never a query string, a body or a header. In a path, parts that look like an address or a key are masked. Requests that machines repeat by
the thousand (deliveries, probes, static files) are logged only if they were not answered 2xx or 3xx. Of requests refused before any view,
at most LINES_A_MINUTE are logged; the rest is counted and reported in one line.
"""

import logging
import re
from threading import Lock
from time import monotonic
from typing import Any

import structlog

logger = structlog.get_logger("salesbrain.access")

FINISHED = "request_finished"
LINES_A_MINUTE = 300
"""Maximum of lines about refusals per minute and process, so that a flood of them does not fill the disk."""

PERSONAL = re.compile(r"[^/]*(?:@|%40)[^/]*")
OPAQUE = re.compile(r"(?<![^/])(?![0-9a-f]{8}-)[A-Za-z0-9_.~:=-]{32,}(?![^/])")
MASK = "[masked]"


def write(
    *, method: str, path: str, status: int, began: float, address: str | None, user: Any = None, **more: Any
) -> None:
    """Write the access log line of one request. `began`: its start (time.monotonic); `user`: id of the user if known."""
    logger.log(
        logging.ERROR if status >= 500 else logging.INFO,
        FINISHED,
        method=method[:20],
        path=shown(path),
        status=status,
        duration_ms=round((monotonic() - began) * 1000, 1),
        address=address or None,
        user_id=str(user) if user else None,
        **more,
    )


def shown(path: str) -> str:
    """Return a path in the form for the log: without email addresses, without possible keys, and bounded in length."""
    return OPAQUE.sub(MASK, PERSONAL.sub(MASK, path))[:300]


class Refusals:
    """Log lines of requests refused before any view, limited per minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        self._written = self._left_out = 0
        self._ends_at = monotonic() + 60.0

    def write(self, environ: dict[str, Any], status: int, began: float) -> None:
        """Write the line of a refusal, or only count it if there were too many in this minute."""
        with self._lock:
            left_out = self._left_out if monotonic() >= self._ends_at else 0
            if monotonic() >= self._ends_at:
                self.reset()
            self._written += 1
            silent = self._written > LINES_A_MINUTE
            self._left_out += silent
        if left_out:
            logger.warning("refusals_left_out", requests=left_out, seconds=60)
        if not silent:
            write(
                method=str(environ.get("REQUEST_METHOD", "")),
                path=str(environ.get("PATH_INFO", "")),
                status=status,
                began=began,
                address=environ.get("REMOTE_ADDR"),
            )


refusals = Refusals()
