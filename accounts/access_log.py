"""Write entries of the access log, which shows a customer who read or answered their conversations."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.choices import AccessAction, AccessParty
from accounts.models import AccessEntry, User
from salesbrain import rls

ONCE_IN = timedelta(minutes=10)
"""Time within which repeated reads (or answers) of one conversation by one person make one entry."""


def record_access(
    *, organization_id: UUID, user: User, conversation_id: UUID, action: AccessAction, now: datetime
) -> bool:
    """Write an access log entry: a person read or answered a conversation. Return False if one of the last ten minutes exists.

    Written in the scope of the customer's organization, for staff as well, because a staff viewer's own scope cannot write. Two requests at
    the same moment may both write: a repeated entry is better than a lock on every request.
    """
    with rls.scope(rls.customer(organization_id)):
        same = AccessEntry.objects.filter(conversation_id=conversation_id, actor_id=user.pk, action=action)
        if same.filter(at__gt=now - ONCE_IN).exists():
            return False
        AccessEntry.objects.create(
            organization_id=organization_id, actor=user, actor_name=user.name or user.email, at=now, action=action,
            party=AccessParty.AGENCY if user.is_staff else AccessParty.TEAM, conversation_id=conversation_id,
        )  # fmt: skip
        return True
