"""Is the process up (`/healthz`), and may it serve (`/readyz`)? Both answer anybody, are never redirected, and say nothing personal.

`/readyz` asks the database and must answer within 5 s whatever the database does. The server's own time limits do not end a
server that hangs, so the questions run in a thread that is waited for so long and not longer; a thread left hanging has
its connection cut.
"""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min, OuterRef, Subquery
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import ProviderConnection
from instantly.choices import HeldReason
from instantly.models import Alert, Delivery, Held, Pending
from salesbrain import rls
from salesbrain.rls.checks import refusals

logger = logging.getLogger(__name__)

ALIAS = "inbox"
"""The receive path's: what it reaches is what must be reachable, and its waits are short."""

DEADLINE = 4.0
"""Seconds the database is given, of the 5 within which `/readyz` answers."""


@dataclass(slots=True)
class Answer:
    """Why this process is not ready (nothing: it is), and what is good to know either way."""

    reasons: list[str] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up. No database: a dead one must not make a supervisor restart every web process."""
    return JsonResponse({"success": True, "data": {"status": "up"}})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """May this process serve: 200, or 503 with every reason."""
    answer = within(DEADLINE, ask)
    if answer.reasons:
        body = {
            "success": False,
            "detail": " ".join(answer.reasons),
            "code": "not_ready",
            "errors": {"reasons": answer.reasons},
        }
        return JsonResponse({**body, "data": answer.detail}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"success": True, "data": {"status": "ready", **answer.detail}})


def within(seconds: float, question: Callable[[], Answer]) -> Answer:
    """Run the question in a thread and return its answer; after `seconds` say that the database did not answer in time."""
    answers: list[Answer] = []
    sockets: list[int] = []

    def run() -> None:
        try:
            sockets.append(_socket_of(ALIAS))
            answers.append(question())
        except (DatabaseError, OSError) as error:
            answers.append(Answer([f"The database does not answer: {_first_line(error)}"]))
        except Exception as error:
            logger.exception("Could not find out whether this process is ready")
            answers.append(Answer([f"The questions could not be put: {type(error).__name__}. The log has more."]))
        finally:
            sockets.clear()
            connections[ALIAS].close()

    thread = threading.Thread(target=run, name="readyz", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answers:
        _cut(sockets)
        return Answer([f"The database did not answer within {seconds:g} s."])
    return answers[0]


def _socket_of(alias: str) -> int:
    connections[alias].ensure_connection()
    return connections[alias].connection.fileno()


def _cut(sockets: list[int]) -> None:
    """End a wait that would never end: the thread gets an error and goes, so that asking often piles nothing up."""
    for number in list(sockets):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
            copy.shutdown(socket.SHUT_RDWR)


def _first_line(error: Exception) -> str:
    """Return what the driver said, without the address it tried (it follows on the same line after a colon)."""
    text = str(error).strip().splitlines()
    return text[0] if text else type(error).__name__


def ask() -> Answer:
    """Put every question to the database, as far as it answers."""
    found = refusals(using=ALIAS)
    if found:
        return Answer([f"{id}: {text}" for id, text, _ in found])
    missing = unapplied()
    if missing:
        names = ", ".join(f"{app}.{name}" for app, name in missing[:3])
        return Answer(
            [
                f"{len(missing)} migrations are not applied ({names}{', …' if len(missing) > 3 else ''}): run `manage.py migrate`."
            ]
        )
    with rls.scope(rls.SYSTEM, using=ALIAS):
        return Answer(detail={"worker": backlog(), "connections": feeds(), "alerts": alerts()})


@lru_cache(maxsize=1)
def _on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


def unapplied() -> list[tuple[str, str]]:
    """Return the migrations this code has and the database has not, in order."""
    return sorted(_on_disk() - set(MigrationRecorder(connections[ALIAS]).applied_migrations()))


def backlog() -> dict[str, Any]:
    """Return what waits for the worker: how many, and for how many seconds the oldest."""
    pending = Pending.objects.using(ALIAS).aggregate(count=Count("pk"), oldest=Min("pk"))
    came = Delivery.objects.using(ALIAS).filter(pk=pending["oldest"]).values_list("received_at", flat=True).first()
    held = dict(Held.objects.using(ALIAS).order_by().values_list("reason").annotate(count=Count("pk")))
    age = max((timezone.now() - came).total_seconds(), 0.0) if came else 0.0
    return {
        "pending": pending["count"],
        "backlog_age_seconds": round(age, 1),
        "held": sum(held.values()),
        "held_by_reason": held,
        "dead": held.get(HeldReason.DEAD, 0),
    }


def feeds() -> list[dict[str, Any]]:
    """Return when each active connection last delivered something and was last synced; by id: a name may be a customer's."""
    latest = Delivery.objects.filter(connection_id=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    rows = ProviderConnection.objects.using(ALIAS).active().annotate(last_event_at=Subquery(latest))
    return [
        {"id": str(id), "status": status, "last_event_at": _stamp(event), "last_synced_at": _stamp(synced)}
        for id, status, event, synced in rows.values_list("pk", "status", "last_event_at", "last_synced_at")
    ]


def alerts() -> list[dict[str, Any]]:
    """Return what is open, by kind and connection; the words of an alert stay in the admin."""
    opened = Alert.objects.using(ALIAS).filter(resolved_at__isnull=True).order_by("since", "id")
    return [
        {"kind": kind, "connection": str(id) if id else None, "since": _stamp(since), "occurrences": times}
        for kind, id, since, times in opened.values_list("kind", "connection_id", "since", "occurrences")
    ]


def _stamp(at: Any) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
