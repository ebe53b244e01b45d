"""Reply lab: replay a year of replies through another threshold, and make that threshold the live one."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from accounts.services import record_audit
from messaging.models import CategoryCorrection, MessageCategory, TriageLearning, TriageReplay
from salesbrain import rls
from salesbrain.kernel import db

from . import organizations, pending
from .engine import Engine

PERIOD = timedelta(days=365)
CHUNK = 256
LOWEST, HIGHEST = 0.05, 0.99
SQL = db.statements(Path(__file__).resolve().parents[2] / "sql" / "triage")


class InvalidThreshold(Refusal):
    sentence = _("The threshold is a number from 0.05 to 0.99.")


class ReplayRuns(Refusal):
    sentence = _("A replay is running already. Wait until it has ended.")


@customer_service(Permission.MANAGE_SUGGESTIONS)
def ask_for_replay(scope: rls.Scope, *, by: User, threshold: float, now: datetime) -> UUID:
    """Store a replay to be run by the job; return its id. Raises InvalidThreshold, ReplayRuns."""
    _check(threshold)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        own = TriageReplay.objects.filter(organization_id=scope.organization)
        if own.filter(state__in=["queued", "running"], created_at__gt=now - timedelta(hours=1)).exists():
            raise ReplayRuns
        row = TriageReplay.objects.create(
            organization_id=scope.organization, threshold=threshold, user_name=by.name or by.email
        )
        return row.pk


@customer_service(Permission.MANAGE_SUGGESTIONS)
def set_threshold(scope: rls.Scope, *, by: User, threshold: float | None, now: datetime) -> bool:
    """Make a threshold the live one (None: the shipped one); replies of a year are read again. Returns whether that changed anything."""
    if threshold is not None:
        _check(threshold)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row, _new = TriageLearning.objects.get_or_create(organization_id=scope.organization, defaults={"is_due": False})
        if row.threshold == threshold:
            return False
        TriageLearning.objects.filter(pk=row.pk).update(threshold=threshold)
        db.prepared(SQL["note_organization"], {"organization": scope.organization, "since": now - PERIOD})
        record_audit(action="triage.threshold", actor=by, target=row, detail={"from": row.threshold, "to": threshold})
        return True


def run(replay_id: UUID, *, now: datetime) -> None:
    """Run a queued replay. Call outside of a transaction; a second call for the same one does nothing."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        claimed = TriageReplay.objects.filter(pk=replay_id, state="queued").update(state="running")
        row = TriageReplay.objects.filter(pk=replay_id).first()
    if not claimed or row is None:
        return
    try:
        count, result = replay(row.organization_id, threshold=row.threshold, now=now)
    except Exception:
        _finish(replay_id, now, state="failed")
        raise
    _finish(replay_id, now, state="done", replies=count, result=result)


def replay(organization_id: UUID, *, threshold: float, now: datetime) -> tuple[int, dict[str, Any]]:
    """Return how many replies were replayed, and the changes: [before, after, count], and how many judged ones were answered rightly.

    The same engine, facts and code as the worker's, with another threshold; a person's correction stays what holds.
    """
    live = organizations.engine_of(organization_id)
    engine = Engine(live.weights, with_embeddings=live.with_embeddings, threshold=threshold)
    changes: Counter[tuple[str, str]] = Counter()
    judged: Counter[str] = Counter()
    last, count = UUID(int=0), 0
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            values = {"organization": organization_id, "since": now - PERIOD, "after": last, "limit": CHUNK}
            notes = [pending.Note(*row) for row in db.prepared(SQL["replay"], values)]
            ids = [note.id for note in notes]
            before = dict(MessageCategory.objects.filter(pk__in=ids).values_list("pk", "category"))
            said = dict(CategoryCorrection.objects.filter(pk__in=ids).values_list("pk", "category"))
        if not notes:
            break
        last, count = notes[-1].id, count + len(notes)
        for note, row in zip(notes, pending.decide(notes, engine), strict=True):
            if note.id in said:
                judged["total"] += 1
                judged["answered"] += row["category"] != pending.UNSURE
                judged["right"] += row["category"] == said[note.id]
            else:
                changes[before.get(note.id, pending.UNSURE), row["category"]] += 1
    same = sum(number for (old, new), number in changes.items() if old == new)
    moved = [[old, new, number] for (old, new), number in changes.most_common() if old != new]
    return count, {"changes": moved, "same": same, "judged": dict(judged)}


def _check(threshold: float) -> None:
    if not LOWEST <= threshold <= HIGHEST:
        raise InvalidThreshold


def _finish(replay_id: UUID, now: datetime, **values: object) -> None:
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        TriageReplay.objects.filter(pk=replay_id).update(finished_at=now, **values)
