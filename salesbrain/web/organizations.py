"""Current organization of a page: chosen in the session, checked against the user at every request."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from salesbrain import rls

SESSION_KEY = "organization"
FIELD = "organization"
"""Hidden field of every form: the organization it was rendered for."""

HEADER = "X-Organization"
"""Header with the same value in requests that a script makes for a part of a page."""

ALL = "all"
"""Value of both for staff who see all organizations."""


@dataclass(frozen=True, slots=True)
class Current:
    """Organization of a page, and those the user may switch to. `id` None: staff who see all organizations."""

    id: UUID | None
    name: str
    choices: list[Any]  # accounts' OrganizationOfUser: id, name and the role the user has there
    is_staff: bool

    @property
    def token(self) -> str:
        """Return the value by which forms and scripts name the organization they were rendered for."""
        return str(self.id) if self.id else ALL

    @property
    def can_switch(self) -> bool:
        return len(self.choices) + self.is_staff > 1


def current(request: HttpRequest) -> tuple[Current, rls.Scope]:
    """Return the organization of a page and its scope.

    If the user may no longer choose the organization stored in the session, it is removed from the session: customers then see their first
    one, staff see all. Raises rls.NoScope where there is none.
    """
    user: Any = request.user
    choices = user.selectable_organizations()
    by_id = {choice.id: choice for choice in choices}
    kept = request.session.get(SESSION_KEY)
    chosen = by_id.get(parse(kept))
    if kept is not None and not chosen:
        del request.session[SESSION_KEY]
    if user.is_staff:
        scope = rls.customer(chosen.id, chosen.role) if chosen else user.scope_for()
    else:
        chosen = chosen or next(iter(choices), None)
        user.known_organizations = choices
        scope = user.scope_for(chosen.id if chosen else None)
    return Current(chosen.id if chosen else None, chosen.name if chosen else "", choices, user.is_staff), scope


def parse(text: object) -> UUID | None:
    """Return a text as UUID, None if it is malformed."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def sent_along(request: HttpRequest) -> str | None:
    """Return the organization's token that a form or script sent along; None if it sent none."""
    return request.POST.get(FIELD) or request.headers.get(HEADER)
