"""Write a batch of events and the resulting changes of contacts, messages and stats, exactly once.

Call inside a transaction and SYSTEM scope. Tables are always written in the same order and rows in key order, so that several
workers wait for each other and never deadlock. The statements are in `sql/`, one a table.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from salesbrain.kernel import db

from . import conversation_writer, machine_opens
from .events import (
    CONVERSATION_MAILS,
    TOLD_BY_LEADS,
    AccountChange,
    CampaignChange,
    Change,
    ContactChange,
    EventType,
    MessageChange,
    ProviderEvent,
    SuppressionChange,
)
from .models.rollup import FROM_MESSAGES, sql_list

NUMBERING_LOCK = 0x5A1E5B01  # any constant: one transaction at a time gives events their positions
SQL = db.statements(Path(__file__).with_name("sql"))
SQL["events"] = SQL["events"].replace("{numbering_lock}", str(NUMBERING_LOCK))
API_THREAD = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"
"""Pattern of thread ids in Instantly's API; those in deliveries are free text, such as f1-hOO2qn_kLHAkEVkqlFR2MTZ."""
SQL["messages"] = machine_opens.insert_rule(SQL["messages"], SQL.pop("likely_machine"))
SQL["messages"] = (
    SQL["messages"]
    .replace("{moved}", sql_list("coalesce(sum(sign) FILTER (WHERE figure = '*'), 0) AS *", FROM_MESSAGES))
    .replace("{counters}", sql_list("*", FROM_MESSAGES))
    .replace("{zeros}", sql_list("0", FROM_MESSAGES))
    .replace("{api_thread}", API_THREAD)
)
SQL["stats"] = SQL["stats"].format(
    counters=sql_list("*"),
    given=sql_list("coalesce(*, 0)"),
    typed=sql_list("* int"),
    added=sql_list("* = s.* + excluded.*"),
)

COUNTED_AS = {
    EventType.EMAIL_OPENED: "opens",
    EventType.EMAIL_CLICKED: "clicks",
    EventType.EMAIL_UNSUBSCRIBED: "unsubscribes",
    EventType.EMAIL_SPAM_REPORT: "complaints",
    EventType.LEAD_INTERESTED: "interested",
    EventType.LEAD_NOT_INTERESTED: "not_interested",
    EventType.LEAD_MEETING_BOOKED: "meetings",
}
"""Counter of the rollup for each event that is counted; all other counters come from message rows (models/rollup.py)."""

STATS_KEY = "organization_id", "campaign_id", "email_account", "day", "step", "variant"

Recordable = tuple[ProviderEvent, Sequence[Change]]


def record(batch: Sequence[Recordable]) -> int:
    """Write a batch of events; those already in the log change nothing. Returns how many were new.

    Raises Django's DatabaseError classes; the caller's transaction is then lost and nothing was written.
    """
    db.disable_seqscan()
    logged = {id for (id,) in _write("events", [_log_row(event, changes) for event, changes in batch])}
    fresh = batch if len(logged) == len(batch) else [row for row in batch if row[0].id in logged]
    rows = _by_type(fresh)
    _write("campaigns", rows[CampaignChange])
    _write("accounts", rows[AccountChange])
    _upserted_rows("contacts", rows[ContactChange])
    _write("suppressions", rows[SuppressionChange])
    counted = fresh
    if copies := _mark_copies_of_leads(fresh):
        counted = [(event, changes) for event, changes in fresh if event.id not in copies]
        rows = _by_type(counted)
    written = _upserted_rows("messages", rows[MessageChange])
    if written and (told_again := set(written[0][0])):
        copies |= _mark_copies(counted, told_again)
    conversation_writer.refresh(_contacts_in_conversations(fresh, copies))
    moved = [row[1:] for row in written if row[1] is not None]  # one comes even when no figure moved
    _write("stats", _stats_rows((event for event, _ in counted), moved))
    return len(fresh)


def _by_type(recorded: Iterable[Recordable]) -> dict[type, list[Change]]:
    rows: dict[type, list[Change]] = defaultdict(list)
    for _, changes in recorded:
        for change in changes:
            rows[type(change)].append(change)
    return rows


def next_position() -> int | None:
    """Return a feed number for one more event of this transaction, None while another transaction assigns numbers: see sql/events.sql."""
    taken = f"SELECT CASE WHEN pg_try_advisory_xact_lock({NUMBERING_LOCK}) THEN nextval('messaging_event_position') END"
    (position,) = db.prepared(taken).fetchone() or (None,)
    return position


def _upserted_rows(statement: str, changes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Upsert the rows of a table and return the written ones, without `missed` columns (named first in every row).

    If another worker inserted a row in between, all rows are written again from a savepoint: writing only the missed ones while holding the
    locks of the others would break the order of locking.
    """
    if not changes:
        return []
    while True:
        with transaction.atomic():
            rows = _write(statement, changes)
            missed = bool(rows[0][0])
            transaction.set_rollback(missed)
        if not missed:
            return [row[1:] for row in rows]


def _contacts_in_conversations(fresh: Iterable[Recordable], copies: set[int]) -> dict[UUID, bool]:
    """Return the contacts whose conversations may change, and whether a mail was recorded; usually none."""
    contacts: dict[UUID, bool] = {}
    for event, changes in fresh:
        for change in changes:
            if isinstance(change, ContactChange) and change.converses:
                came = event.type in CONVERSATION_MAILS and event.id not in copies
                contacts[change.id] = contacts.get(change.id, False) or came
    return contacts


def _mark_copies(fresh: Iterable[Recordable], told_again: set[UUID]) -> set[int]:
    """Mark events that report an already recorded mail again, and return them."""
    again = [
        event.id
        for event, changes in fresh
        if any(isinstance(change, MessageChange) and change.sent_at and change.id in told_again for change in changes)
    ]
    return {id for (id,) in db.prepared(SQL["copies"], {"events": again})}


def _mark_copies_of_leads(fresh: Iterable[Recordable]) -> set[int]:
    """Mark events about a lead that both gap repair and a delivery reported, and return the later ones.

    Called after the contacts are locked: of two workers that each record one of the two events, the second waits for the first and finds
    its event.
    """
    told = [event.id for event, _ in fresh if event.may_be_repaired and event.type in TOLD_BY_LEADS]
    return {id for (id,) in db.prepared(SQL["lead_copies"], {"events": told})} if told else set()


def _log_row(event: ProviderEvent, changes: Sequence[Change]) -> dict[str, Any]:
    contact = message = None
    for change in changes:
        if isinstance(change, ContactChange):
            contact = contact or change.id
        elif isinstance(change, MessageChange):
            message = change.id  # the last one: a reply names the mail it answers first and itself after that
    return {
        "id": event.id,
        "organization_id": event.organization_id,
        "connection_id": event.connection_id,
        "campaign_id": event.campaign_id,
        "contact_id": contact,
        "message_id": message,
        "type": event.type,
        "detail": event.detail,
        "origin": event.origin,
        "happened_at": event.happened_at,
        "step": event.step,
        "variant": event.variant,
        "email_account": event.email_account,
        "email_id": event.email_id,
        "lead_email": event.lead_email,
        "first_name": event.first_name,
        "last_name": event.last_name,
        "company": event.company,
        "interest": event.interest,
    }


def _stats_rows(events: Iterable[ProviderEvent], moved: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return the changes of the daily stats, one per affected row."""
    figures: dict[tuple[Any, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for e in events:
        if figure := COUNTED_AS.get(e.type):
            key = e.organization_id, e.campaign_id, e.email_account, e.happened_at.date(), e.step, e.variant
            figures[key][figure] += 1
    width = len(STATS_KEY)
    for row in moved:
        counts = figures[row[:width]]  # found once: a key with two UUIDs is slow to hash
        for figure, n in zip(FROM_MESSAGES, row[width:], strict=True):
            if n:
                counts[figure] += n
    return [dict(zip(STATS_KEY, key, strict=True)) | counts for key, counts in figures.items()]


def _write(statement: str, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    cursor = db.prepared(SQL[statement], [db.Json(orjson.dumps(rows))])
    return cursor.fetchall() if cursor.description else []
