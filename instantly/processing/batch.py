"""Claim webhook deliveries from the queue and process them, one batch per transaction, with retries.

Any number of workers may run this, on any number of machines. A delivery that fails is tried again after the pauses in RETRY_AFTER,
then given up (dead).
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError, transaction
from django.utils import timezone

from instantly.choices import AlertKind, HeldReason
from instantly.monitoring.alerts import raise_alert
from messaging import event_writer, handlers
from messaging.event_writer import Recordable
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.bounded_process import OverBudget
from salesbrain.kernel.messages import message, stored

from .parsing import Claimed, NotYet, Unreadable, parse
from .reading import LOOKED_THROUGH, Announce, Content, ReadBatch, Unread, read_batch
from .resolvers import resolve_batch

logger = logging.getLogger(__name__)

SQL = db.statements(Path(__file__).with_name("sql"))
BATCH = 500
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
NUMBERED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Holding:
    """Decision to hold a delivery, with the reason."""

    delivery_id: int
    connection_id: UUID
    reason: HeldReason
    detail: str
    attempts: int = 0
    next_try_at: datetime | None = None


def process_pending(
    limit: int = BATCH,
    only: list[int] | None = None,
    *,
    announce: Announce | None = None,
    worker: int | None = None,
    again: bool = False,
    taken: Sequence[int] = (),
) -> int:
    """Process up to `limit` deliveries, oldest first; return how many left the queue.

    Bodies are read before the transaction that records them begins, so that no text keeps it open. `announce` receives the ids before
    any of them is read; `worker` is its number, and what other workers announced is left to them; what another
    process records already (`taken`) is passed over. Raises as `record_batch` does, and bounded_process.Unavailable where no text can be
    read: everything is pending then.
    """
    read = read_batch(limit, only, announce=announce, worker=worker, taken=taken)
    return record_batch(read, limit, announce=announce, worker=worker, again=again, taken=taken) if read else 0


def record_batch(
    read: ReadBatch,
    limit: int = BATCH,
    *,
    announce: Announce | None = None,
    worker: int | None = None,
    again: bool = False,
    taken: Sequence[int] = (),
) -> int:
    """Claim what was read and is pending still, and record it in one transaction; return how many left the queue.

    When PostgreSQL refuses a batch, or it is too much for it, it is undone and done again in halves, until the delivery at fault stands
    alone and is held; each half is its own transaction, because keeping the first one's locks would break the order of locking.
    Raises DatabaseError when the database is at fault: everything is pending then.
    """
    due = read.due
    try:
        with transaction.atomic():
            rls.enter(rls.SYSTEM)
            claimed = claim(due)
            if any(delivery.version != read.versions[delivery.id] for delivery in claimed):
                raise _Changed
            batch, held = interpret(claimed, read.contents)
            event_writer.record(resolve_batch(batch, claimed))
            hold(held)
        if not claimed and len(taken) < LOOKED_THROUGH:  # another process records all of them at this moment
            return process_pending(limit, read.only, announce=announce, worker=worker, taken=[*taken, *due])
        return len(claimed)
    except _Changed:  # an erasure took a name out of it: what was read must not be recorded
        return process_pending(limit, due, announce=announce, worker=worker)
    except DatabaseError as error:
        if db.is_concurrent_change(error) and not again:
            return process_pending(limit, due, announce=announce, worker=worker, again=True)
        if db.is_transient(error) and not db.exceeds_resource_limit(error):
            raise
        logger.warning("PostgreSQL refused a batch of %d deliveries: %s", len(due), error)
        if len(due) == 1:
            return fail(due[0], str(error).strip())
        middle = len(due) // 2
        return sum(
            process_pending(limit, half, announce=announce, worker=worker) for half in (due[:middle], due[middle:])
        )


class _Changed(Exception):
    """Error: a body was changed between reading and recording."""


def interpret(
    claimed: Sequence[Claimed], contents: Mapping[int, Content | Unread]
) -> tuple[list[Recordable], list[Holding]]:
    """Return the events to record and the deliveries to hold."""
    batch: list[Recordable] = []
    held: list[Holding] = []
    for delivery in claimed:
        try:
            content = contents[delivery.id]
            if delivery.is_removed:
                held.append(holding(delivery, HeldReason.DISMISSED, message("held.removed")))
                continue
            if isinstance(content, OverBudget):
                held.append(holding(delivery, HeldReason.OVER_BUDGET, content.reason))
                continue
            if not isinstance(content, Content):
                raise content if isinstance(content, Exception) else TypeError(repr(content))
            payload = content.payload
            if (workspace := payload.get("workspace")) is not None and workspace != delivery.workspace_id:
                held.append(holding(delivery, HeldReason.WORKSPACE_MISMATCH, str(workspace)[:200]))
            elif delivery.campaign and not delivery.campaign_id:
                held.append(holding(delivery, HeldReason.UNKNOWN_CAMPAIGN, delivery.campaign[:200]))
            else:
                event = parse(delivery, payload, content.mail)
                batch.append((event, handlers.changes(event)))
        except Unreadable as error:
            held.append(holding(delivery, HeldReason.DEAD, message("held.unreadable", reason=str(error))))
        except NotYet as error:
            held.append(_failed(delivery, str(error)))
        except Exception as error:  # whatever is in a body, it must not stop the ones behind it
            logger.exception("Could not read delivery %d", delivery.id)
            held.append(_failed(delivery, repr(error)[:500]))
    return batch, held


def fail(delivery_id: int, why: str) -> int:
    """Hold a delivery that failed, with the time of its next try, or as dead after the last one. Returns how many left the queue."""
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        claimed = claim([delivery_id])
        hold([_failed(delivery, why) for delivery in claimed])
    return len(claimed)


def release_held() -> int:
    """Return deliveries to the queue whose reason for holding has ended; return their number. Idempotent; called periodically."""
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        return db.prepared(SQL["release"]).rowcount


def resolve_stale_alerts() -> int:
    """Resolve alerts about held deliveries if none is held any more; return their number. Called periodically."""
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        return db.prepared(SQL["resolve"]).rowcount


def number_events(limit: int = NUMBERED_AT_ONCE) -> int:
    """Give up to `limit` new events their number in the API's feed; return how many.

    Most events get it while they are recorded (messaging/sql/events.sql); this numbers those that several workers recorded at the same
    moment, and those that moved to another organization.
    """
    with transaction.atomic():
        rls.enter(rls.SYSTEM)
        db.disable_seqscan()
        free = db.prepared("SELECT pg_try_advisory_xact_lock(%s)", [event_writer.NUMBERING_LOCK]).fetchone()
        return db.prepared(SQL["number_events"], [limit]).rowcount if free and free[0] else 0


def claim(ids: list[int]) -> list[Claimed]:
    """Lock and return those of the deliveries that are pending, skipping those locked by other workers."""
    return [Claimed._make(row) for row in db.prepared(SQL["claim"], [ids])]


def holding(delivery: Claimed, reason: HeldReason, detail: str) -> Holding:
    return Holding(delivery.id, delivery.connection_id, reason, detail, delivery.attempts)


def _failed(delivery: Claimed, why: str) -> Holding:
    tried = delivery.attempts
    if tried >= len(RETRY_AFTER):
        return Holding(delivery.id, delivery.connection_id, HeldReason.DEAD, why, tried + 1)
    return Holding(
        delivery.id, delivery.connection_id, HeldReason.FAILED, why, tried + 1, timezone.now() + RETRY_AFTER[tried]
    )


ALERTS = {
    HeldReason.WORKSPACE_MISMATCH: (
        AlertKind.WORKSPACE_MISMATCH,
        "alert.other_workspace",
    ),
    HeldReason.DEAD: (AlertKind.DEAD_DELIVERIES, "alert.given_up"),
    HeldReason.OVER_BUDGET: (
        AlertKind.OVER_BUDGET,
        "alert.over_budget",
    ),
}


def hold(held: Sequence[Holding]) -> None:
    if not held:
        return
    rows: list[dict[str, Any]] = [
        {
            "delivery_id": holding.delivery_id,
            "reason": holding.reason.value,
            "detail": stored(holding.detail).replace("\0", ""),
            "attempts": holding.attempts,
            "next_try_at": holding.next_try_at,
        }
        for holding in held
    ]
    db.prepared(SQL["hold"], [orjson.dumps(rows).decode()])
    if dismissed := [row["delivery_id"] for row in rows if row["reason"] == HeldReason.DISMISSED]:
        db.prepared(SQL["empty"], [dismissed])
    alarming = Counter((holding.reason, holding.connection_id) for holding in held if holding.reason in ALERTS)
    for (reason, connection_id), count in sorted(alarming.items(), key=lambda item: (item[0][0].value, item[0][1].hex)):
        kind, key = ALERTS[reason]
        last = next(
            holding for holding in reversed(held) if (holding.reason, holding.connection_id) == (reason, connection_id)
        )
        raise_alert(kind, connection_id, message(key, detail=last.detail), occurrences=count)
