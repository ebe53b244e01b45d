"""Helpers for tests of outgoing replies: RLS scopes, times, a reply sent as a page does."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Organization, User
from messaging.inbox import outbox
from messaging.models import Conversation, OutboxMessage
from salesbrain import rls

NOW = datetime(2026, 7, 10, 15, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TEXT = "Thank you, Thursday it is."


def in_scope(user: User, slug: str = "acme") -> rls.Scope:
    """Return the scope of a customer's request; for staff, their scope in Acme."""
    if not user.is_staff:
        return user.scope_in()
    with rls.scope(rls.SYSTEM):
        return user.scope_in(Organization.objects.get(slug=slug).pk)


def send(user: User, conversation: Conversation, **given: Any) -> OutboxMessage:
    values: dict[str, Any] = {"text": TEXT, "version": conversation.version, "now": NOW} | given
    return outbox.send(in_scope(user), by=user, conversation_id=conversation.pk, **values)


def fresh(row: OutboxMessage) -> OutboxMessage:
    """Return the row reloaded from the database."""
    with rls.scope(rls.SYSTEM):
        return OutboxMessage.objects.get(pk=row.pk)


def rows() -> list[OutboxMessage]:
    with rls.scope(rls.SYSTEM):
        return list(OutboxMessage.objects.order_by("created_at", "id"))
