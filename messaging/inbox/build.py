"""Build conversations from the mails of an existing installation, in batches beside running work.

The worker writes conversations of mails that are recorded meanwhile; a batch that finds such a row computes it again, with the same result.
After an interruption the build continues after the last contact it processed.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from messaging import conversation_writer
from messaging.erasure import aliases
from messaging.models import ConversationBuild
from salesbrain import rls
from salesbrain.kernel import db

BATCH = 500
OF_CONVERSATIONS = "(direction = 'in' OR kind = 'manual')"
TOTAL = f"SELECT count(DISTINCT contact_id) FROM messaging_message WHERE organization_id = %s AND {OF_CONVERSATIONS}"  # noqa: S608
NEXT = f"""SELECT DISTINCT contact_id FROM messaging_message
    WHERE organization_id = %s AND contact_id > %s AND {OF_CONVERSATIONS} ORDER BY contact_id LIMIT %s"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of building an organization's conversations."""

    organization_id: UUID
    built: int
    total: int

    @property
    def percent(self) -> int:
        return 100 if not self.total else min(100, self.built * 100 // self.total)


def unfinished() -> list[UUID]:
    """Return the organizations whose conversations are not all built yet."""
    with rls.scope(rls.SYSTEM):
        rows = ConversationBuild.objects.filter(finished_at=None).order_by("organization__name")
        return list(rows.values_list("organization_id", flat=True))


def progress(organization_id: UUID | None = None) -> Progress | None:
    """Return the progress for an organization (None: for all in scope), None if nothing is left. Runs in the caller's scope."""
    rows = ConversationBuild.objects.filter(finished_at=None)
    if organization_id is not None:
        rows = rows.filter(organization=organization_id)
    counts = [(id, built, total or 0) for id, built, total in rows.values_list("organization_id", "built", "total")]
    if not counts:
        return None
    return Progress(counts[0][0], sum(built for _, built, _ in counts), sum(total for *_, total in counts))


def build(organization_id: UUID, *, now: datetime, batch: int = BATCH) -> Generator[Progress, None, None]:
    """Build the missing conversations of an organization; yield after each batch. Call outside a transaction; each batch has its own."""
    while True:
        with transaction.atomic(), rls.scope(rls.SYSTEM):
            aliases.aliases([])  # nobody is erased meanwhile
            row = ConversationBuild.objects.select_for_update(of=("self",)).filter(organization=organization_id).first()
            if row is None or row.finished_at:
                return
            db.disable_seqscan()
            _begin(row, now)
            ids = [id for (id,) in db.prepared(NEXT, [organization_id, row.after or UUID(int=0), batch])]
            conversation_writer.hold_contacts(ids)
            conversation_writer.refresh(dict.fromkeys(ids, False))
            row.built += len(ids)
            row.after = ids[-1] if ids else row.after
            row.finished_at = now if len(ids) < batch else None
            row.save()
        yield Progress(organization_id, row.built, max(row.total or 0, row.built))
        if row.finished_at:
            return


def _begin(row: ConversationBuild, now: datetime) -> None:
    if row.started_at is None:
        row.started_at = now
        row.total = int((db.prepared(TOTAL, [row.organization_id]).fetchone() or (0,))[0])
