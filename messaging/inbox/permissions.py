"""Who may change conversations: the one place that asks."""

from uuid import UUID

from accounts.models import User
from salesbrain import rls

PERMISSION = "messaging.change_conversation"


class NotAllowed(Exception):
    """The user may read the conversation and not change it. The text says so to a person."""


def may_write(user: User, organization_id: UUID) -> bool:
    """Return whether the user may change conversations of this organization: staff by their role, customers where they are members."""
    if not user.is_active:
        return False
    if user.is_staff:
        return user.has_perm(PERMISSION)
    return organization_id in {id for id, _ in user.organizations()}


def scope_of(user: User, organization_id: UUID | None = None) -> rls.Scope:
    """Return whose eyes the user has; raises what `User.scope_for` does."""
    return user.scope_for(organization_id)
