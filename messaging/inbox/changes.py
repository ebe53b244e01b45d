"""A person's change of one conversation: found in their own scope, allowed, locked, written with its event, worked out anew.

Locks: erasure, contact FOR KEY SHARE, conversation. What the worker records meanwhile comes before or after, never in between: it reads
the person's word from the conversation's row, which it locks as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from accounts.services import record_audit
from messaging import conversation_writer
from messaging.choices import Origin
from messaging.erasure import aliases
from messaging.event_writer import next_position
from messaging.events import RECEIVED
from messaging.models import Contact, Conversation, Event
from salesbrain import rls
from salesbrain.kernel import db

from .events import payload_of
from .permissions import NotAllowed, may_write, scope_of


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest event a person had seen of a contact, and how many human replies there were up to it."""

    event: int
    replies: int


@dataclass(slots=True)
class Change:
    """A conversation that is locked for a person's change. `now` is later than whatever was said of it before."""

    conversation: Conversation
    contact: Contact
    actor: User
    now: datetime

    def seen(self, newest: int | None) -> Seen:
        """Return what the person had seen: up to the event they name, else up to the newest there is."""
        told = Event.objects.filter(organization=self.contact.organization_id, contact=self.contact, copy_of=None)
        last = told.aggregate(last=Max("pk"))["last"] or 0
        event = last if newest is None else min(newest, last)
        human = told.filter(type__in=[type.value for type in RECEIVED], message__is_auto_reply=False, pk__lte=event)
        return Seen(event, human.count())

    def write(self, type: str, *, detail: str = "", **payload: Any) -> None:
        """Write the change's event and audit entry."""
        Event.objects.create(
            id=db.prepared("SELECT sb_event_id()").fetchone()[0],  # type: ignore[index]  # there is always one
            organization_id=self.conversation.organization_id,
            contact=self.contact,
            type=type,
            detail=detail,
            origin=Origin.STAFF if self.actor.is_staff else Origin.CUSTOMER,
            happened_at=self.now,
            lead_email=self.contact.email,
            payload=payload_of(type, by=self.actor.pk, **payload),
            position=next_position(),
        )
        record_audit(
            action=type.replace("_", ".", 1),
            actor=self.actor,
            target=self.conversation,
            detail={"origin": self._origin()},
        )

    def _origin(self) -> str:
        return (Origin.STAFF if self.actor.is_staff else Origin.CUSTOMER).value


@contextmanager
def changing(
    conversation_id: UUID, *, actor: User, now: datetime, organization_id: UUID | None = None
) -> Iterator[Change]:
    """Hold a conversation for a change; what follows from it is worked out when the block ends.

    Raises Conversation.DoesNotExist for one that is not there or not the actor's to see, NotAllowed for one they may only read, and
    what `User.scope_for` does.
    """
    with transaction.atomic():
        with rls.scope(scope_of(actor, organization_id)):
            whose = Conversation.objects.values_list("organization_id", flat=True).filter(pk=conversation_id).first()
        if whose is None:
            raise Conversation.DoesNotExist(f"There is no conversation {conversation_id}.")
        if not may_write(actor, whose):
            raise NotAllowed(
                "Your role reads conversations and does not change them: ask an administrator for another role."
            )
        with rls.scope(rls.SYSTEM):
            aliases.aliases([])  # nobody is erased while something is said of them
            contact = Contact.objects.raw(
                "SELECT * FROM messaging_contact WHERE id = %s FOR KEY SHARE", [conversation_id]
            )
            row = next(iter(contact), None)
            locked = Conversation.objects.select_for_update().filter(pk=conversation_id, organization=whose).first()
            if row is None or locked is None:
                raise Conversation.DoesNotExist(f"There is no conversation {conversation_id} any more.")
            change = Change(locked, row, actor, _later_than(now, locked.chosen_at, locked.read_at))
            yield change
            conversation_writer.refresh({locked.pk: False})


def _later_than(now: datetime, *said: datetime | None) -> datetime:
    """Two people's clocks differ; what is said later in order is said later in time."""
    return max([now, *(at + timedelta(microseconds=1) for at in said if at is not None)])
