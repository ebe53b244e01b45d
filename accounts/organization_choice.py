"""Organization that a session works in, where its user can choose between several."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from accounts.models.user import UnknownOrganization
from salesbrain import rls

CHOSEN = "organization"
"""Key of the session."""


def choose_organization(session: SessionBase | dict[str, Any], user: User, organization_id: UUID | None) -> rls.Scope:
    """Keep the choice in the session and return the scope it leads to; None takes it back (staff then see all organizations).

    Raises UnknownOrganization for one that is not the user's; the session then stays as it was.
    """
    scope = user.page_scope(organization_id)
    if organization_id is None:
        session.pop(CHOSEN, None)
    else:
        session[CHOSEN] = str(organization_id)
    return scope


def chosen_organization(session: SessionBase | dict[str, Any]) -> UUID | None:
    """Return what was chosen; whether it is the user's still, only `chosen_scope` says."""
    try:
        return UUID(str(session.get(CHOSEN, "")))
    except ValueError:
        return None


def chosen_scope(session: SessionBase | dict[str, Any], user: User) -> rls.Scope:
    """Return the scope of this request's page, looked up anew: who was removed, or whose organization was deactivated, loses it at
    once. A choice that is not the user's any more is forgotten. Raises NoOrganization or OrganizationRequired."""
    chosen = chosen_organization(session)
    with suppress(UnknownOrganization):
        return user.page_scope(chosen)
    session.pop(CHOSEN, None)
    return user.page_scope()
