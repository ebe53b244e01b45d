"""Drafts of replies, one for each author of a conversation; turn a queued reply into a draft again."""

from datetime import datetime
from uuid import UUID

from messaging.choices import OutboxState
from messaging.models import OutboxMessage
from salesbrain.kernel.messages import Message

from .holding import Held


def draft_by(held: Held, author_id: UUID) -> OutboxMessage | None:
    """Return the author's draft, locked."""
    own = OutboxMessage.objects.of_contact(held.contact.organization_id, held.contact.pk)
    return own.select_for_update().filter(state=OutboxState.DRAFT, author_id=author_id).first()


def back_to_draft(held: Held, row: OutboxMessage, *, now: datetime, reason: Message | str = "") -> OutboxMessage:
    """Turn a reply into a draft again. A text that its author typed in the meantime is appended, so nothing is lost."""
    other = draft_by(held, row.author_id)
    if other is not None:
        row.text = "\n\n".join(text for text in (row.text, other.text) if text.strip())
        row.cc = list(dict.fromkeys([*row.cc, *other.cc]))
        other.delete()
    row.state, row.reason, row.updated_at = OutboxState.DRAFT, reason, now
    row.queued_at = row.undo_until = row.send_at = row.sending_at = None
    row.attempts = row.lookups = 0
    row.save()
    return row
