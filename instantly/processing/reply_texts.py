"""Extract the texts of received mails again from their webhooks, by the rules of this release.

Mails whose deliveries were pruned keep the texts they have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from messaging import conversation_writer
from messaging.events import RECEIVED
from salesbrain import rls
from salesbrain.kernel import db

from .mails import Mail, read_mails
from .parsing import Unreadable, load

SQL = db.statements(Path(__file__).with_name("sql"))
CHUNK = 100
CHUNK_SECONDS = 60.0
"""CPU seconds for the mails of a chunk; each mail has one second, as in the worker."""
TEXTS = "body_text", "body_html", "reply_text"
Row = tuple[Any, ...]
Texts = dict[str, str | None]
Difference = tuple[Row, Texts]


@dataclass(slots=True)
class RebuildCounts:
    """Counts of mails: `read`; `changed` (in a dry run: would be); `left`: unchanged, too costly to read or copies that disagree;
    `bodiless`: unchanged, because their webhook's body is not stored any more.
    """

    read: int = 0
    changed: int = 0
    left: int = 0
    bodiless: int = 0


def rebuild(organization_id: UUID | None = None, *, dry_run: bool = False) -> RebuildCounts:
    """Extract the texts of received mails (of one organization, or all) again, and rewrite those that differ.

    The mails are queued for search and triage. Call outside a transaction; an aborted run is simply started again. Raises
    bounded_process.Unavailable where this installation cannot read any mail.
    """
    done = RebuildCounts()
    for rows in _chunks(organization_id):
        mails = iter(read_mails([_payload(body) for row in rows for body in row[-1]], batch_seconds=CHUNK_SECONDS))
        different: list[Difference] = []
        for row in rows:
            readings = [_texts(mail) if isinstance(mail, Mail) else None for mail in islice(mails, len(row[-1]))]
            texts = readings[0]
            if texts is None or any(other != texts for other in readings):
                done.left += 1
            elif texts["reply_text"] is not None:
                done.read += 1
                if texts != dict(zip(TEXTS, row[3:6], strict=True)):
                    different.append((row, texts))
        done.changed += len(different) if dry_run else _rewrite(different)
    done.bodiless = _bodiless(organization_id)
    return done


def _bodiless(organization_id: UUID | None) -> int:
    asked = {"received": sorted(type.value for type in RECEIVED), "organization": organization_id}
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        row = db.prepared(SQL["bodiless_mails"], asked).fetchone()
    return int(row[0]) if row else 0


def _chunks(organization_id: UUID | None) -> Iterator[list[Row]]:
    after = 0
    received = sorted(type.value for type in RECEIVED)
    while True:
        asked = {"after": after, "received": received, "organization": organization_id, "limit": CHUNK}
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            rows = db.prepared(SQL["logged_mails"], asked).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield rows


def _payload(body: str) -> dict[str, Any]:
    try:
        return load(body)
    except (Unreadable, orjson.JSONDecodeError):
        return {}  # it was read once; whatever it is now brings no mail


def _texts(mail: Mail) -> Texts:
    return {name: getattr(mail, name) for name in TEXTS}


def _rewrite(different: list[Difference]) -> int:
    """Write these texts where the stored ones have not changed since they were read; return how many were written."""
    if not different:
        return 0
    mails = [
        {"id": str(row[1]), **texts, **{f"old_{name}": row[3 + n] for n, name in enumerate(TEXTS)}}
        for row, texts in different
    ]
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        conversation_writer.hold_contacts(row[2] for row, _ in different if row[2])
        contacts = [id for (id,) in db.prepared(SQL["rewrite_mails"], {"mails": orjson.dumps(mails).decode()})]
        conversation_writer.refresh({id: False for id in contacts if id})
    return len(contacts)
