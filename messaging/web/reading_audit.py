"""Record who read a contact's mails on a page: audit log for staff, access log for all users."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accounts.access_log import record_access
from accounts.choices import AccessAction
from accounts.services import record_audit
from messaging.models import Contact
from salesbrain import rls


def record_reading(request: HttpRequest, *, contact_id: UUID, organization_id: UUID, now: datetime) -> None:
    """Record that the user reads mails of a contact, in the page's transaction: no text is shown without the entry.

    A conversation has its contact's key. Readings by the customer's own people are in the access log only.
    """
    user: Any = request.user
    if user.is_staff:
        with rls.scope(rls.SYSTEM):
            record_audit(
                action="page.read", actor=user, organization_id=organization_id,
                target=Contact(id=contact_id, organization_id=organization_id), detail={"path": request.path},
            )  # fmt: skip
    record_access(
        organization_id=organization_id, user=user, conversation_id=contact_id, action=AccessAction.READ, now=now
    )
