"""Worker step that categorizes received messages marked as pending.

Marks are claimed in one transaction, texts are read outside of any, answers are written in a second one. It shares the lock of the search
steps: while a campaign moves, nothing is claimed or written.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import orjson
from django.utils import timezone

from messaging import conversation_writer, search
from messaging.erasure import aliases
from messaging.event_writer import NUMBERING_LOCK
from messaging.intelligence.next_steps.reading import Reading, read_message
from salesbrain import rls
from salesbrain.kernel import db

from . import embeddings, facts, organizations
from .classes import UNSURE
from .engine import Engine, Floats, Opinion, Reply, Source
from .weights import UnusableModel

logger = logging.getLogger(__name__)

AT_ONCE = 64
AT_ONCE_WITH_EMBEDDINGS = 8  # about as long: a new delivery waits for one step at most
TRIES = 3

SQL = db.statements(Path(__file__).resolve().parents[2] / "sql" / "triage")
SQL["write"] = SQL["write"].replace("{numbering_lock}", str(NUMBERING_LOCK))


@dataclass(frozen=True, slots=True)
class Note:
    """A message to categorize. `organization` None: the message was deleted, or was sent by us."""

    id: UUID
    taken_at: datetime
    tries: int
    organization_id: UUID | None
    text_at: datetime | None
    happened_at: datetime | None
    is_auto_reply: bool
    subject: str | None
    text: str | None
    label: str | None
    corrected: str | None
    read_version: str | None = None
    sentence_scores: bytes | None = None


def triage_pending(limit: int | None = None) -> int:
    """Categorize up to `limit` pending messages; return how many were taken. Call it until that is 0.

    Call outside of a transaction. Without a usable shipped model it logs that once, and the messages stay pending.
    """
    if not _has_a_model():
        return 0
    limit = limit or (AT_ONCE_WITH_EMBEDDINGS if embeddings.available() else AT_ONCE)
    notes = _take(limit)
    if not notes:
        return 0
    over = [note.id for note in notes if note.organization_id is None or note.tries > TRIES]
    for note in notes:
        if note.tries > TRIES:
            logger.error(
                "Message %s ended a worker %d times while it was categorized; left without a category", note.id, TRIES
            )
    readable = [note for note in notes if note.id not in over]
    rows = [_row(note, opinion, version) for note, opinion, version in _opinions(readable)]
    _write(rows, over)
    return len(notes)


def note_again(limit: int = 5000) -> int:
    """Mark as pending up to `limit` received messages that were not categorized by this version of the engine, or not read for next steps;
    returns how many.

    In SYSTEM scope.
    """
    version = organizations.shipped_version()
    cursor = db.prepared(
        """INSERT INTO messaging_triagepending (message_id)
        SELECT m.id FROM messaging_message m LEFT JOIN messaging_messagecategory c
            ON c.id = m.id AND starts_with(c.version, %s) AND c.asks IS NOT NULL
        WHERE m.direction = 'in' AND c.id IS NULL AND m.text_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM messaging_triagepending p WHERE p.message_id = m.id)
        ORDER BY m.id LIMIT %s ON CONFLICT DO NOTHING""",
        [version, limit],
    )
    return int(cursor.rowcount)


def _take(limit: int) -> list[Note]:
    with rls.scope(rls.SYSTEM):
        db.disable_seqscan()
        if not _may_step():
            return []
        return [Note(*row) for row in db.prepared(SQL["take"], {"limit": limit}).fetchall()]


def _opinions(notes: Sequence[Note]) -> list[tuple[Note, Opinion, str]]:
    """Categorize messages with each organization's own engine."""
    found: list[tuple[Note, Opinion, str]] = []
    engines = organizations.engines_of({note.organization_id for note in notes if note.organization_id})
    for organization_id, engine in engines.items():
        own = [note for note in notes if note.organization_id == organization_id]
        found += [(note, opinion, engine.version) for note, opinion in zip(own, _asked(own, engine), strict=True)]
    return found


def _asked(notes: Sequence[Note], engine: Engine) -> list[Opinion]:
    replies = [
        Reply(note.subject, note.text, facts.possible(is_auto_reply=note.is_auto_reply), _known(note, engine))
        for note in notes
    ]
    return engine.classify(replies)


def _known(note: Note, engine: Engine) -> Floats | None:
    """Return the stored scores of the embeddings if this version of the engine computed them."""
    if note.sentence_scores is None or note.read_version != engine.version:
        return None
    return np.frombuffer(note.sentence_scores, dtype=np.float32)


def decide(notes: Sequence[Note], engine: Engine) -> list[dict[str, Any]]:
    """Return the categories that `engine` gives these messages. Writes nothing."""
    opinions = _asked(notes, engine)
    return [_row(note, opinion, engine.version) for note, opinion in zip(notes, opinions, strict=True)]


def _row(note: Note, opinion: Opinion, version: str) -> dict[str, Any]:
    category, source, reason = (UNSURE if opinion.abstains else opinion.category.value), opinion.source, opinion.reason
    if opinion.abstains and (agreed := facts.by_label(opinion.candidates, note.label)):
        category, source, reason = agreed.value, Source.FACT, reason | {"label": note.label}
    asked = _reading(note, note.corrected or category, "" if note.corrected else _words(reason))
    return {
        "id": note.id,
        "organization_id": note.organization_id,
        "text_at": note.text_at,
        "is_auto_reply": note.is_auto_reply,
        "taken_at": note.taken_at,
        "category": category,
        "predicted": opinion.category.value,
        "p": round(opinion.p, 4),
        "candidates": [candidate.value for candidate in opinion.candidates],
        "source": source.value,
        "rule": opinion.rule,
        "version": version,
        "reason": reason,
        "sentence_scores": None if opinion.sentences is None else opinion.sentences.astype(np.float32).tobytes().hex(),
        "asks": asked.asks,
        "asks_on": asked.on,
        "asks_address": asked.address,
        "asks_words": asked.words,
    }


def _words(reason: dict[str, object]) -> str:
    """Return the person's words in a reason."""
    return str(reason.get("quote") or reason.get("sentence") or "")


def _reading(note: Note, category: str, because: str) -> Reading:
    assert note.happened_at is not None  # every message has one
    return read_message(
        subject=note.subject,
        text=note.text,
        received=note.happened_at.astimezone(UTC).date(),
        category=category,
        is_automatic=note.is_auto_reply and note.corrected is None,
        because=because,
    )


def _write(rows: list[dict[str, Any]], over: list[UUID]) -> None:
    with rls.scope(rls.SYSTEM):
        db.disable_seqscan()
        aliases.aliases([])  # nobody is erased while something is written of them
        if not _may_step():
            return  # a campaign moves: what was taken is taken up again
        if over:
            db.prepared(SQL["drop"], {"ids": over})
        if rows:
            contacts = conversation_writer.hold_writers(row["id"] for row in rows)
            db.prepared(SQL["write"], {"said": orjson.dumps(rows).decode(), "now": timezone.now()})
            conversation_writer.refresh(dict.fromkeys(contacts, False))


@cache
def _has_a_model() -> bool:
    try:
        organizations.shipped_version()
    except UnusableModel as error:
        logger.error("Replies are not categorized: %s", error)
        return False
    return True


def _may_step() -> bool:
    return bool((db.prepared("SELECT pg_try_advisory_xact_lock_shared(%s)", [search.LOCK]).fetchone() or (False,))[0])
