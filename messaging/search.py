"""Search messages by address, name, subject and text, in German and English at once.

The rules for texts and queries are SQL (migrations/sql/search_text_1.sql, _2.sql); the functions in search_functions_1.sql decide from
the RLS scope which rows are searched. Here: the worker's step that writes the search rows, and the queries.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from messaging.models import Message, SearchPending
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.addresses import canonical_or_none, spellings

logger = logging.getLogger(__name__)

VERSION = 2
"""Version of the text rules. After a change of them, or of PostgreSQL's stemmers, rows of a lower version are written again."""

OUTDATED = """FROM messaging_message m LEFT JOIN messaging_messagesearch s ON s.id = m.id AND s.version = %(version)s
    WHERE s.id IS NULL AND (%(organization)s::uuid IS NULL OR m.organization_id = %(organization)s::uuid)"""
"""SQL: messages of one organization, or of all, without a search row of this version."""

COUNTED = 1000
"""Limit up to which hits are counted."""

COUNTED_OF_PHRASE = 300
"""The same for a phrase: no index knows which words are neighbours, so every mail with its words is looked at, the latest first."""

LOCK = 0x5A1E5B03
"""Advisory lock: indexing steps take it shared, a campaign transfer exclusively, so that neither deadlocks the other."""

SQL = db.statements(Path(__file__).with_name("sql"))


def index_pending(limit: int = 500) -> int:
    """Write the search rows of up to `limit` messages that are new or changed, or whose person was renamed, in SYSTEM scope.

    Returns how many notes were taken: call it until that is 0. Outside of a transaction it opens two; a separate step, because it costs
    more than recording the event.
    """
    return _take("note_renamed", [limit]) + _take("index_pending", [limit, VERSION])


def index_one_by_one(limit: int = 200) -> int:
    """Write search rows one at a time, skipping messages whose row PostgreSQL refuses; return how many were skipped.

    Such a message is not found until its text changes or `rebuild` queues it again. Raises DatabaseError on a lost connection.
    """
    passed_over = 0
    for _ in range(limit):
        try:
            if not _take("index_pending", [1, VERSION]):
                break
        except DatabaseError as error:
            if db.is_disconnected(error):
                raise
            with rls.scope(rls.SYSTEM):
                first = SearchPending.objects.order_by("message_id").values("message_id")[:1]
                ids = list(first.values_list("message_id", flat=True))
                SearchPending.objects.filter(message_id__in=ids).delete()
            logger.error("Message %s cannot be indexed and is passed over: %s", *ids, str(error).strip()[:300])
            passed_over += 1
    return passed_over


def block_index_steps() -> None:
    """Block the search steps until the transaction ends. A step locks queue rows, search rows, then messages and contacts; a transaction
    that locks these in the order of recording would deadlock with it.
    """
    db.prepared("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _take(step: str, parameters: Sequence[Any]) -> int:
    with rls.scope(rls.SYSTEM):
        db.disable_seqscan()
        if not (db.prepared("SELECT pg_try_advisory_xact_lock_shared(%s)", [LOCK]).fetchone() or (False,))[0]:
            return 0
        (taken,) = db.prepared(SQL[step], parameters).fetchone() or (0,)
        return taken


def outdated(organization_id: UUID | None = None) -> int:
    """Return how many messages have no search row, or one by older rules. For commands, in SYSTEM scope."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {OUTDATED}", {"version": VERSION, "organization": organization_id})
        (number,) = cursor.fetchone() or (0,)
        return int(number)


def rebuild(organization_id: UUID | None = None) -> int:
    """Mark messages whose search row is missing or by older rules for the worker; return how many were not marked before.

    For commands, in SYSTEM scope. One statement over all messages: it writes a key for each and reads no text.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO messaging_searchpending (message_id) SELECT m.id {OUTDATED} ORDER BY m.id ON CONFLICT DO NOTHING",
            {"version": VERSION, "organization": organization_id},
        )
        return cursor.rowcount


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Search text and filters. `organization_id` narrows what the scope allows and never widens it."""

    text: str
    organization_id: UUID | None = None
    campaign_id: UUID | None = None
    contact_id: UUID | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """Return the text with each email address replaced by its stored form and its spellings in mails."""
        text = self.text.strip()
        if "<" in text and not text.startswith("-") and canonical_or_none(text):
            return _as_stored(text)
        return " ".join(map(_as_stored, text.split()))

    def counted(self, limit: int = 0) -> int:
        """Return the number up to which hits are counted; at least `limit`, those of a page."""
        return max(COUNTED_OF_PHRASE if '"' in self.text else COUNTED, limit)

    @property
    def arguments(self) -> list[Any]:
        return [self.campaign_id, self.direction, self.since, self.until, self.contact_id, self.organization_id]


@dataclass(frozen=True, slots=True)
class Hit:
    id: UUID
    at: datetime


def newest(question: SearchQuery, *, limit: int, before: Hit | None = None) -> list[Hit]:
    """Return up to `limit` hits, newest first, after `before`. Needs a scope; no typed text makes it fail."""
    place = [before.at, before.id] if before else [None, None]
    return _hits(
        "app_search_messages(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [question.words, limit, *place, *question.arguments],
    )


def first(question: SearchQuery, *, limit: int) -> tuple[list[Hit], int]:
    """Return the newest hits and their number (at most `question.counted(limit)` + 1), in one query: for a phrase of common words, reading
    a page costs as much as counting.
    """
    rows = db.prepared(
        """SELECT id, sent_at, count(*) OVER ()
        FROM app_search_messages(%s, %s, NULL, NULL, %s, %s, %s, %s, %s, %s) LIMIT %s""",
        [question.words, question.counted(limit) + 1, *question.arguments, limit],
    ).fetchall()
    return [Hit(id, at) for id, at, _ in rows], rows[0][2] if rows else 0


def ranked(question: SearchQuery, *, limit: int, offset: int, as_of: datetime) -> list[Hit]:
    """Return hits by relevance among the newest 500 as of a moment; pages by offset within them."""
    return _hits(
        "app_search_ranked(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [question.words, limit, offset, as_of, *question.arguments],
    )


def count(question: SearchQuery, *, limit: int = 0) -> int:
    """Return how many hits there are, one more than `question.counted(limit)` for all that are more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM app_search_messages(%s, %s, NULL, NULL, %s, %s, %s, %s, %s, %s)",
            [question.words, question.counted(limit) + 1, *question.arguments],
        )
        return cursor.fetchone()[0]


def is_blank(text: str) -> bool:
    """Return whether nothing can be searched for: only stop words, exclusions or punctuation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT numnode(sb_search_query(%s)) = 0", [text])
        return cursor.fetchone()[0]


def similar_contacts(question: SearchQuery, *, limit: int = 20) -> list[UUID]:
    """Return contacts whose name or address resembles the text: for typing mistakes, when nothing was found."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contact_id FROM app_search_people(%s, %s, %s) ORDER BY similarity DESC, contact_id",
            [question.words, limit, question.organization_id],
        )
        return [id for (id,) in cursor.fetchall()]


def newest_of_contacts(question: SearchQuery, contacts: Sequence[UUID], *, limit: int) -> list[Hit]:
    """Return the newest mails of these contacts, with the question's other filters."""
    messages = Message.objects.filter(contact_id__in=contacts)
    for lookup, value in (
        ("organization_id", question.organization_id),
        ("campaign_id", question.campaign_id),
        ("contact_id", question.contact_id),
        ("direction", question.direction),
        ("happened_at__gte", question.since),
        ("happened_at__lt", question.until),
    ):
        if value is not None:
            messages = messages.filter(**{lookup: value})
    return [Hit(id, at) for id, at in messages.latest_first().values_list("id", "happened_at")[:limit]]


def _as_stored(word: str) -> str:
    address = canonical_or_none(word) if not word.startswith("-") else None
    return word if address is None else " OR ".join(spellings(address))


def _hits(call: str, arguments: Sequence[Any]) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, sent_at FROM {call}", arguments)  # noqa: S608  `call` is one of the two above
        return [Hit(id, at) for id, at in cursor.fetchall()]
