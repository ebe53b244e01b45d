"""Log and count security events such as refused logins, and pass them on to the audit log.

Counts are kept in this process and added to one table every few seconds, which `/metrics` reads: all web processes count together, and a
flood of refused requests writes no rows. No event contains typed text.
"""

import logging
import threading
from collections import Counter
from enum import StrEnum
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, connections
from django.dispatch import Signal

from salesbrain.kernel import request_origin

logger = structlog.get_logger("salesbrain.security")

FLUSH_SECONDS = 5.0
THREAD = "security-events"
ADD = """INSERT INTO security_event_count AS t (kind, events) SELECT * FROM unnest(%s::text[], %s::bigint[])
ON CONFLICT (kind) DO UPDATE SET events = t.events + excluded.events"""
READ = "SELECT kind, events FROM security_event_count"


class Kind(StrEnum):
    WEBHOOK_REFUSED = "webhook_refused"
    """A delivery without a valid secret."""

    LOGIN_FAILED = "login_failed"
    """Wrong password, code, or an unknown user."""

    LOGIN_LOCKED_OUT = "login_locked_out"
    """A login that was not tried, because too many had failed or came from its address."""

    TOKEN_REFUSED = "token_refused"  # noqa: S105  a kind of event
    """An API token that is unknown, expired or of a deactivated user."""

    PERMISSION_REFUSED = "permission_refused"
    """A request of a logged-in user without the permission for it."""


noted = Signal()
"""Signal sent with `kind`, `user_id` (None: no known user), `address` and `detail`."""

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def count(kind: Kind) -> None:
    """Count one event without a known user, which needs no log line because the access log has it."""
    with _lock:
        _counts[kind.value] += 1


def note(kind: Kind, *, user_id: Any = None, address: str | None = None, **detail: Any) -> None:
    """Log and count one event. `detail` must hold neither typed text nor a secret. Raises nothing."""
    address = address or request_origin.address()
    count(kind)
    logger.warning(
        kind.value, security_event=True, user_id=str(user_id) if user_id else None, address=address, **detail
    )
    for _, failure in noted.send_robust(Kind, kind=kind, user_id=user_id, address=address, detail=detail):
        if isinstance(failure, Exception):
            logging.getLogger(__name__).error("Could not audit a security event", exc_info=failure)


def flush(*, using: str = "default") -> None:
    """Add this process's counts to the table. Raises DatabaseError; then they are kept for the next time."""
    with _lock:
        counts = dict(_counts)
        _counts.clear()
    if not counts:
        return
    try:
        with connections[using].cursor() as cursor:
            cursor.execute(ADD, [list(counts), list(counts.values())])
    except (DatabaseError, InterfaceError):
        with _lock:
            _counts.update(counts)
        raise


def totals(*, using: str = "default") -> dict[str, int]:
    """Return the number of events of each kind that all processes together have counted, except those of the last seconds."""
    with connections[using].cursor() as cursor:
        cursor.execute(READ)
        found = dict(cursor.fetchall())
    return {kind.value: found.get(kind.value, 0) for kind in Kind}


def start() -> None:
    """Flush regularly in a background thread."""
    threading.Thread(target=_run, name=THREAD, daemon=True).start()


def _run() -> None:
    pause = threading.Event()
    while not pause.wait(FLUSH_SECONDS):
        if not _counts:
            continue
        try:
            flush()
        except (DatabaseError, InterfaceError) as error:
            logging.getLogger(__name__).warning("Could not count security events: %s", str(error).splitlines()[:1])
        finally:
            connections["default"].close()


def forget() -> None:
    """Reset all counts (for tests)."""
    with _lock:
        _counts.clear()
