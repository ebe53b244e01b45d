"""Health check endpoints: `/healthz` (the process is up) and `/readyz` (it may serve).

Both answer anybody, are never redirected, and disclose nothing personal, nor where the database is and who logs in there.

`/readyz` queries the database and must answer within 5 s in any case. The server's own time limits do not end a server that hangs, so the
queries run in a thread that is joined with a timeout (connecting has a limit of its own); a thread that hangs has its connection cut.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import Any

from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from instantly.monitoring import feed_health, heartbeats
from salesbrain import rls
from salesbrain.kernel.db_deadline import db_deadline
from salesbrain.rls.checks import reasons_to_refuse
from salesbrain.site import readiness

logger = logging.getLogger(__name__)

ALIAS = "inbox"
"""Database alias of the health check: that of webhook storage, which must be reachable and has short timeouts."""

DEADLINE = 4.0
"""Seconds for the database, out of the 5 within which `/readyz` responds."""


UNREACHABLE = "The database does not answer. The log says what was tried."
WITHOUT_DETAILS = {
    "salesbrain.E004": "The login of DATABASE_URL passes row-level security.",
    "salesbrain.E005": "The login of DATABASE_URL owns tables.",
    "salesbrain.E006": "The login of DATABASE_URL may not become sb_staff.",
    "salesbrain.E010": UNREACHABLE,
}
"""Reasons shown to everybody in place of those that name a host, a port or a login, which are in the log and in `manage.py check`."""


@dataclass(slots=True)
class Answer:
    """Result of the check: reasons why this process is not ready (none: it is), and further facts."""

    reasons: list[str] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Respond 200: the process is up. No query: a dead database must not make a supervisor restart every web process."""
    return JsonResponse({"success": True, "data": {"status": "up"}})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Respond 200 if this process may serve, or 503 with every reason."""
    answer = run_with_deadline(DEADLINE, check_readiness)
    if answer.reasons:
        body = {
            "success": False,
            "detail": " ".join(answer.reasons),
            "code": "not_ready",
            "errors": {"reasons": answer.reasons},
        }
        return JsonResponse({**body, "data": answer.detail}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"success": True, "data": {"status": "ready", **answer.detail}})


def run_with_deadline(seconds: float, question: Callable[[], Answer]) -> Answer:
    """Run a function in a thread and return its result; after `seconds` report that the database did not answer in time."""
    answers: list[Answer] = []
    due = monotonic() + seconds

    def run() -> None:
        try:
            with db_deadline(due, using=ALIAS):
                answers.append(question())
        except (DatabaseError, OSError) as error:
            logger.error("The database does not answer: %s", _first_line(error))
            answers.append(Answer([UNREACHABLE]))
        except Exception as error:
            logger.exception("Could not find out how this installation stands")
            answers.append(Answer([f"The questions could not be put: {type(error).__name__}. The log has more."]))
        finally:
            connections[ALIAS].close()

    thread = threading.Thread(target=run, name="health", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else Answer([f"The database did not answer within {seconds:g} s."])


def _first_line(error: Exception) -> str:
    """Return the driver's message, for the log only: it contains host, port and login."""
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def check_readiness() -> Answer:
    """Run all checks of the database, as far as it answers."""
    found = reasons_to_refuse(using=ALIAS)
    if found:
        for id, text, hint in found:
            logger.error("This installation is not ready: %s: %s %s", id, text, hint)
        return Answer([f"{id}: {WITHOUT_DETAILS.get(id, text)}" for id, text, _ in found])
    missing = unapplied()
    if missing:
        names = ", ".join(f"{app}.{name}" for app, name in missing[:3])
        return Answer(
            [
                f"{len(missing)} migrations are not applied ({names}{', …' if len(missing) > 3 else ''}): run `manage.py migrate`."
            ]
        )
    with rls.scope(rls.SYSTEM, using=ALIAS):
        if wrong := readiness.reasons(using=ALIAS):
            return Answer(wrong)
        running = {process: jobs(process) for process in (heartbeats.JOBS, heartbeats.REPLIES)}
        warnings = [presence.sentence for presence in running.values() if presence.absent]
        warnings += readiness.warnings(using=ALIAS)
        detail = {
            "worker": backlog(),
            **{
                process: {"running": not presence.absent, "last_seen_at": _stamp(presence.seen_at)}
                for process, presence in running.items()
            },
            "connections": feeds(),
            "alerts": alerts(),
            "warnings": warnings,
        }
        return Answer(detail=detail)


@lru_cache(maxsize=1)
def _on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


_applied: set[tuple[str, str]] = set()
"""Migrations that this process has seen applied; the database is queried until none is missing."""


def unapplied() -> list[tuple[str, str]]:
    """Return the migrations of this code that are not applied in the database, in order."""
    if not _on_disk() <= _applied:
        _applied.update(MigrationRecorder(connections[ALIAS]).applied_migrations())
    return sorted(_on_disk() - _applied)


def jobs(process: str = heartbeats.JOBS) -> heartbeats.Presence:
    """Return the time at which the process of jobs (or of replies) last worked, for `/readyz`. Its absence is no reason to be unready: web
    processes work without it.
    """
    return heartbeats.jobs(now=timezone.now(), using=ALIAS, process=process)


def backlog() -> dict[str, Any]:
    waits = feed_health.backlog(using=ALIAS)
    return {
        "pending": waits.pending,
        "backlog_age_seconds": waits.age_seconds,
        "held": sum(waits.held.values()),
        "held_by_reason": waits.held,
        "dead": waits.dead,
    }


def feeds() -> list[dict[str, Any]]:
    """Return for each active connection its last event, since when its events are complete, and its open gaps."""
    return [
        {
            "id": str(feed.connection_id),
            "status": feed.status,
            "last_event_at": _stamp(feed.last_event_at),
            "last_synced_at": _stamp(feed.last_synced_at),
            "reconciled_at": _stamp(feed.reconciled_at),
            "complete_since": _stamp(feed.complete_since),
            "gaps": len(feed.gaps),
            "open_gaps": feed.open_gaps,
        }
        for feed in feed_health.feeds(using=ALIAS)
    ]


def alerts() -> list[dict[str, Any]]:
    return [
        {
            "kind": alert.kind,
            "connection": str(alert.connection_id) if alert.connection_id else None,
            "since": _stamp(alert.since),
            "occurrences": alert.occurrences,
        }
        for alert in feed_health.alerts(using=ALIAS)
    ]


def _stamp(at: Any) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
