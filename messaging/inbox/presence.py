"""Presence of colleagues in a conversation: who had it open or typed in the last fifteen seconds.

Updated by the page's poll.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from messaging.models import Conversation, ConversationPresence
from salesbrain import rls

from .refusals import UnknownConversation

LASTS = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who is in a conversation at the moment."""

    user_id: UUID
    name: str
    is_writing: bool


@customer_service(Permission.SHOW_PRESENCE)
def present(scope: rls.Scope, *, by: User, conversation_id: UUID, writing: bool, now: datetime) -> None:
    """Record that user `by` has a conversation open, or with `writing` is typing in it. Raises UnknownConversation."""
    with rls.scope(scope):
        if not Conversation.objects.filter(pk=conversation_id).exists():
            raise UnknownConversation
        values = {"user_name": by.name or by.email, "is_writing": writing, "seen_at": now, "updated_at": now}
        ConversationPresence.objects.update_or_create(
            organization_id=scope.organization, conversation_id=conversation_id, user_id=by.pk, defaults=values
        )
        ConversationPresence.objects.filter(seen_at__lt=now - 4 * LASTS).delete()


def others(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime) -> list[Present]:
    """Return the other users in a conversation, those typing first; an empty list for another organization's conversation."""
    with rls.scope(scope):
        rows = ConversationPresence.objects.filter(conversation_id=conversation_id, seen_at__gt=now - LASTS)
        found = rows.exclude(user_id=by.pk).order_by("-is_writing", "user_name", "user_id")
        return [Present(*row) for row in found.values_list("user_id", "user_name", "is_writing")]
