"""Choose the organization whose pages a session shows, for users with access to several."""

from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User
from salesbrain import rls
from salesbrain.web.organizations import SESSION_KEY


def choose_organization(session: SessionBase | dict[str, Any], user: User, organization_id: UUID | None) -> rls.Scope:
    """Store the chosen organization in the session and return the resulting scope. None removes the choice (staff then see all).

    Raises UnknownOrganization for one that is not the user's; the session then stays as it was.
    """
    scope = user.page_scope(organization_id)
    if organization_id is None:
        session.pop(SESSION_KEY, None)
    else:
        session[SESSION_KEY] = str(organization_id)
    return scope
