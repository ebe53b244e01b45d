"""Lock a conversation before a change of its outbox replies.

Erasure, contact FOR KEY SHARE, conversation, then rows of the outbox: the lock order of every change by people
(messaging.inbox.changes). Nothing of the conversation itself is changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from messaging.erasure import aliases
from messaging.models import Contact, Conversation, OutboxMessage
from salesbrain import rls

from .changes import LOCK_CONTACT
from .refusals import UnknownConversation, UnknownReply


@dataclass(frozen=True, slots=True)
class Held:
    """A contact whose outbox is locked until the transaction ends, with its conversation if there is one."""

    contact: Contact
    known: Conversation | None

    @property
    def conversation(self) -> Conversation:
        """Return the conversation. Raises UnknownConversation if all its mails went to another organization."""
        if self.known is None:
            raise UnknownConversation
        return self.known

    def row(self, outbox_id: UUID) -> OutboxMessage:
        """Return one of the contact's outbox replies, locked. Raises UnknownReply."""
        own = OutboxMessage.objects.of_contact(self.contact.organization_id, self.contact.pk)
        row = own.select_for_update().filter(pk=outbox_id).first()
        if row is None:
            raise UnknownReply
        return row


@contextmanager
def holding(organization_id: UUID, conversation_id: UUID) -> Iterator[Held]:
    """Lock a contact's outbox in a transaction and SYSTEM scope. Raises UnknownConversation if there is no such contact."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        aliases.aliases([])  # nobody is erased while something is written to them
        contact = next(iter(Contact.objects.raw(LOCK_CONTACT, [conversation_id])), None)
        if contact is None or contact.organization_id != organization_id:
            raise UnknownConversation
        own = Conversation.objects.filter(pk=conversation_id, organization=organization_id)
        yield Held(contact, own.select_for_update().first())


@contextmanager
def holding_conversation(scope: rls.Scope, conversation_id: UUID) -> Iterator[Held]:
    """Lock the outbox of a conversation visible to the caller. Raises UnknownConversation."""
    with rls.scope(scope):
        if not Conversation.objects.filter(pk=conversation_id).exists():
            raise UnknownConversation
    with holding(scope.organization, conversation_id) as held:
        held.conversation  # noqa: B018  raises where it is gone by now
        yield held


@contextmanager
def holding_reply(scope: rls.Scope, outbox_id: UUID) -> Iterator[tuple[Held, OutboxMessage]]:
    """Lock the outbox of a reply visible to the caller, with its conversation. Raises UnknownReply."""
    with rls.scope(scope):
        contact_id = OutboxMessage.objects.filter(pk=outbox_id).values_list("contact_id", flat=True).first()
    if contact_id is None:
        raise UnknownReply
    with holding(scope.organization, contact_id) as held:
        yield held, held.row(outbox_id)
