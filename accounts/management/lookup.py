"""Find the user, connection or organization that a command's argument names, or raise CommandError."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet

from accounts.models import Organization, ProviderConnection, User

NAMED = 10
"""Names of candidates that an error lists at most."""


def find_user(email: str) -> User:
    """Return the user with this email address, ignoring case. Raises CommandError."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(
            f"There is no user {email!r}. {_known('Users', list(User.objects.values_list('email', flat=True)[: NAMED + 1]))}"
        )
    return user


def find_connection(name: str) -> ProviderConnection:
    """Return the connection of this name, without loading its API key. Raises CommandError."""
    connection = ProviderConnection.objects.defer("api_key").filter(name=name).first()
    if connection is None:
        names = list(ProviderConnection.objects.values_list("name", flat=True)[: NAMED + 1])
        raise CommandError(f"There is no connection {name!r}. {_known('Connections', names)}")
    return connection


def find_organization(slug: str) -> Organization:
    """Return the organization with this slug. Raises CommandError."""
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        slugs = list(Organization.objects.values_list("slug", flat=True)[: NAMED + 1])
        raise CommandError(f"There is no organization {slug!r}. {_known('Organizations', slugs)}")
    return organization


def _known(what: str, names: list[str]) -> str:
    if not names:
        return f"{what}: none yet."
    return f"{what}: {', '.join(names[:NAMED])}{', …' if len(names) > NAMED else ''}."


def find_one(candidates: QuerySet[Any], said: str, what: str, fields: tuple[str, ...]) -> Any:
    """Return the only candidate whose id or one of `fields` equals the typed text `said`. Raises CommandError, naming the kind `what`, for
    none or several.
    """
    meant = Q(*((field, said) for field in fields), _connector=Q.OR)
    with suppress(ValueError):
        meant |= Q(pk=UUID(said))
    found = list(candidates.filter(meant)[:6])
    if not found:
        raise CommandError(f"There is no {what} {said}.")
    if len(found) > 1:
        ids = ", ".join(str(row.pk) for row in found)
        raise CommandError(f"Several {what}s are called {said}; say which by its id: {ids}")
    return found[0]
