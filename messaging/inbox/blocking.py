"""Suppress the contact of a conversation by a click of the organization's people, and undo it.

The reason recorded is the request in the contact's reply, by its category (unsubscribe, complaint); without one it is a manual entry.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.services import record_audit
from messaging.choices import SuppressionReason
from messaging.inbox.changes import changing
from messaging.models import Suppression
from salesbrain import rls

REASONS: Mapping[str, SuppressionReason] = {
    "unsubscribe": SuppressionReason.UNSUBSCRIBE,
    "complaint": SuppressionReason.COMPLAINT,
}
UNDO_LASTS = timedelta(minutes=2)


@customer_service(Permission.REPLY)
def block(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime) -> bool:
    """Suppress a conversation's contact; return whether anything changed. Raises UnknownConversation."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        of_contact = Suppression.objects.filter(organization=scope.organization, email=change.contact.email)
        if of_contact.in_force().exists():
            return False
        reason = REASONS.get(change.conversation.category or "", SuppressionReason.MANUAL)
        values = {"last_at": change.now, "detail": by.name or by.email, "lifted_at": None}
        row, _ = Suppression.objects.update_or_create(
            organization_id=scope.organization, email=change.contact.email, reason=reason,
            defaults=values, create_defaults={**values, "first_at": change.now},
        )  # fmt: skip
        record_audit(action="suppression.add", actor=by, target=row, detail={"reason": reason.value})
        return True


@customer_service(Permission.REPLY)
def unblock(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime) -> bool:
    """Undo a suppression of the last two minutes; return whether there was one. Raises UnknownConversation."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        own = Suppression.objects.in_force().filter(
            organization=scope.organization, email=change.contact.email, last_at__gt=now - UNDO_LASTS,
            detail=by.name or by.email,
        )  # fmt: skip
        rows = list(own.select_for_update())
        for row in rows:
            row.lifted_at, row.lifted_by, row.lift_reason = change.now, by.email, "undo"
            row.save()
            record_audit(action="suppression.lift", actor=by, target=row, detail={"reason": row.reason})
        return bool(rows)
