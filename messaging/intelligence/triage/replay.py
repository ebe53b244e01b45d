"""Reply lab: categorize a year of replies again with a changed threshold or rules; make those live."""

from collections import Counter
from collections.abc import Sequence
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

from . import adjustments, organizations, pending
from .adjustments import Adjustments
from .engine import Engine

PERIOD = timedelta(days=365)
CHUNK = 256
LOWEST, HIGHEST = 0.05, 0.99
MOST_EXAMPLES = 3
"""Maximum of replies that are listed per change."""

SQL = db.statements(Path(__file__).resolve().parents[2] / "sql" / "triage")


class InvalidThreshold(Refusal):
    sentence = _("The threshold is a number from 0.05 to 0.99.")


class ReplayRuns(Refusal):
    sentence = _("A replay is running already. Wait until it has ended.")


@customer_service(Permission.MANAGE_SUGGESTIONS)
def ask_for_replay(
    scope: rls.Scope,
    *,
    by: User,
    threshold: float,
    now: datetime,
    off: Sequence[str] = (),
    phrases: Sequence[tuple[str, str]] = (),
) -> UUID:
    """Store a replay to be run by the job; return its id. `off` and `phrases` as adjustments.checked takes them.

    Raises InvalidThreshold, InvalidRules, ReplayRuns.
    """
    _check(threshold)
    adjusted = adjustments.checked(off, phrases)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        own = TriageReplay.objects.filter(organization_id=scope.organization)
        if own.filter(state__in=["queued", "running"], created_at__gt=now - timedelta(hours=1)).exists():
            raise ReplayRuns
        row = TriageReplay.objects.create(
            organization_id=scope.organization,
            threshold=threshold,
            rules=adjusted.as_json(),
            user_name=by.name or by.email,
        )
        return row.pk


@customer_service(Permission.MANAGE_SUGGESTIONS)
def set_threshold(
    scope: rls.Scope,
    *,
    by: User,
    threshold: float | None,
    now: datetime,
    off: Sequence[str] = (),
    phrases: Sequence[tuple[str, str]] = (),
) -> bool:
    """Make a threshold (None: the shipped one) and changes of the rules live; the worker then categorizes the replies of a year again.

    Returns whether that changed anything. Raises InvalidThreshold, InvalidRules.
    """
    if threshold is not None:
        _check(threshold)
    changed = adjustments.checked(off, phrases).as_json()
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row, _new = TriageLearning.objects.get_or_create(organization_id=scope.organization, defaults={"is_due": False})
        if (row.threshold, row.rules) == (threshold, changed):
            return False
        TriageLearning.objects.filter(pk=row.pk).update(threshold=threshold, rules=changed)
        db.prepared(SQL["note_organization"], {"organization": scope.organization, "since": now - PERIOD})
        told = {"from": row.threshold, "to": threshold, "rules_from": row.rules, "rules_to": changed}
        record_audit(action="triage.threshold", actor=by, target=row, detail=told)
        return True


def run(replay_id: UUID, *, now: datetime) -> None:
    """Run a queued replay. Call outside of a transaction; a second call for the same one does nothing."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        claimed = TriageReplay.objects.filter(pk=replay_id, state="queued").update(state="running")
        row = TriageReplay.objects.filter(pk=replay_id).first()
    if not claimed or row is None:
        return
    try:
        adjusted = adjustments.stored(row.rules)
        count, result = replay(row.organization_id, threshold=row.threshold, now=now, adjusted=adjusted)
    except Exception:
        _finish(replay_id, now, state="failed")
        raise
    _finish(replay_id, now, state="done", replies=count, result=result)


def replay(
    organization_id: UUID, *, threshold: float, now: datetime, adjusted: Adjustments = adjustments.NONE
) -> tuple[int, dict[str, Any]]:
    """Return the number of replies replayed, the changes as [before, after, count, ids of some messages], and of the replies judged by
    people how many got the right category.

    Uses the worker's engine, facts and code, with another threshold and other rules; a person's correction stays valid.
    """
    live = organizations.engine_of(organization_id)
    engine = Engine(live.weights, with_embeddings=live.with_embeddings, threshold=threshold, adjusted=adjusted)
    changes: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[str]] = {}
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
                change = (before.get(note.id, pending.UNSURE), row["category"])
                changes[change] += 1
                if change[0] != change[1] and len(named := examples.setdefault(change, [])) < MOST_EXAMPLES:
                    named.append(str(note.id))
    same = sum(number for (old, new), number in changes.items() if old == new)
    moved = [[old, new, number, examples[old, new]] for (old, new), number in changes.most_common() if old != new]
    return count, {"changes": moved, "same": same, "judged": dict(judged)}


def _check(threshold: float) -> None:
    if not LOWEST <= threshold <= HIGHEST:
        raise InvalidThreshold


def _finish(replay_id: UUID, now: datetime, **values: object) -> None:
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        TriageReplay.objects.filter(pk=replay_id).update(finished_at=now, **values)
