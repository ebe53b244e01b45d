"""Lock, check, write and log a person's change of a conversation: steps common to all inbox services.

Lock order: erasure, contact FOR KEY SHARE, conversation. The worker locks the conversation's row as well, so it records a mail either
before or after a person's change, never in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.services import record_audit
from messaging import conversation_writer
from messaging.choices import Origin
from messaging.erasure import aliases
from messaging.event_writer import next_position
from messaging.events import RECEIVED
from messaging.inbox.seen import newest_event
from messaging.models import Contact, Conversation, Event
from salesbrain import rls
from salesbrain.kernel import db

from .events import payload_of
from .refusals import UnknownConversation

LOCK_CONTACT = "SELECT * FROM messaging_contact WHERE id = %s FOR KEY SHARE"


@dataclass(frozen=True, slots=True)
class Seen:
    """Point up to which a person had read a contact's events: the newest event's id, and the human replies up to it."""

    event: int
    replies: int


@dataclass(slots=True)
class Change:
    """A conversation locked for a change by the user `by`, or by a rule of ours (None). `now` is later than every earlier change of it,
    even if the clocks of two servers differ.
    """

    conversation: Conversation
    contact: Contact
    by: User | None
    now: datetime

    def seen(self, newest: int | None) -> Seen:
        """Return the point up to which the person had read: event `newest` (its id), or without one the latest event.

        An id beyond the latest event counts as the latest.
        """
        told = Event.objects.filter(organization=self.contact.organization_id, contact=self.contact, copy_of=None)
        last = newest_event(told)
        event = last if newest is None else min(newest, last)
        human = told.filter(type__in=[type.value for type in RECEIVED], message__is_auto_reply=False, pk__lte=event)
        return Seen(event, human.count())

    def write(self, type: str, *, detail: str = "", **payload: Any) -> None:
        """Insert the event of this change (`type`, `detail`, `payload`) and its audit entry."""
        by = self.by
        origin = Origin.RULE if by is None else Origin.STAFF if by.is_staff else Origin.CUSTOMER
        Event.objects.create(
            id=db.prepared("SELECT sb_event_id()").fetchone()[0],  # type: ignore[index]  # there is always one
            organization_id=self.conversation.organization_id,
            contact=self.contact,
            type=type,
            detail=detail,
            origin=origin,
            happened_at=self.now,
            lead_email=self.contact.email,
            payload=payload_of(type, by=by.pk if by else None, **payload),
            position=next_position(),
        )
        record_audit(
            action=type.replace("_", ".", 1), actor=by, target=self.conversation, detail={"origin": origin.value}
        )


@contextmanager
def changing(scope: rls.Scope, conversation_id: UUID, *, by: User, now: datetime) -> Iterator[Change]:
    """Lock a conversation of the scope's organization for a change; its derived columns are refreshed when the block ends.

    One transaction. Raises UnknownConversation for an id that does not exist or is another organization's.
    """
    with transaction.atomic():
        with rls.scope(scope):
            if not Conversation.objects.filter(pk=conversation_id).exists():
                raise UnknownConversation
        with rls.scope(rls.SYSTEM):
            aliases.aliases([])  # nobody is erased while something is said of them
            contact = Contact.objects.raw(LOCK_CONTACT, [conversation_id])
            row = next(iter(contact), None)
            own = Conversation.objects.filter(pk=conversation_id, organization=scope.organization)
            locked = own.select_for_update().first()
            if row is None or locked is None:
                raise UnknownConversation
            change = Change(locked, row, by, after_earlier_changes(now, locked.chosen_at, locked.read_at))
            yield change
            conversation_writer.refresh({locked.pk: False})


def after_earlier_changes(now: datetime, *said: datetime | None) -> datetime:
    """Return `now`, or a time just after the latest earlier change: clocks of servers differ, the order of changes must not."""
    return max([now, *(at + timedelta(microseconds=1) for at in said if at is not None)])
