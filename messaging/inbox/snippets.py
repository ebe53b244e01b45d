"""Snippets of an organization: create, change, delete and fill in text templates for replies.

Owners write them; members and owners use them in replies.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from messaging.models import Contact, Snippet
from salesbrain import rls

from .refusals import EmptyVariable, InvalidSnippet, SnippetThere, UnknownSnippet, UnknownVariable

LONGEST_NAME = 80
LONGEST_TEXT = 20_000
VARIABLE = re.compile(r"\{([^{}\n]{0,80})\}")

VARIABLES: Mapping[str, Callable[[Contact], str | None]] = MappingProxyType(
    {
        "first_name": lambda contact: contact.first_name,
        "last_name": lambda contact: contact.last_name,
        "name": lambda contact: contact.name,
        "company": lambda contact: contact.company,
        "email": lambda contact: contact.email,
        "phone": lambda contact: contact.phone,
        "website": lambda contact: contact.website,
    }
)
"""Variables a snippet may contain, each with the function that reads it from a contact."""


@customer_service(Permission.MANAGE_SNIPPETS)
def create_snippet(scope: rls.Scope, *, by: User, name: str, text: str, now: datetime) -> Snippet:
    """Write a snippet. Raises InvalidSnippet, UnknownVariable, SnippetThere."""
    name, text = _name(name), _text(text)
    with rls.scope(scope):
        return _stored(Snippet(organization_id=scope.organization, name=name, text=text, updated_at=now))


@customer_service(Permission.MANAGE_SNIPPETS)
def change_snippet(
    scope: rls.Scope, *, by: User, snippet_id: UUID, now: datetime, name: str | None = None, text: str | None = None
) -> Snippet:
    """Change a snippet's name, its text, or both. Raises UnknownSnippet, and as `create_snippet`."""
    with rls.scope(scope):
        snippet = _found(snippet_id)
        snippet.name = snippet.name if name is None else _name(name)
        snippet.text = snippet.text if text is None else _text(text)
        snippet.updated_at = now
        return _stored(snippet)


@customer_service(Permission.MANAGE_SNIPPETS)
def delete_snippet(scope: rls.Scope, *, by: User, snippet_id: UUID, now: datetime) -> None:
    """Delete a snippet. Raises UnknownSnippet."""
    with rls.scope(scope):
        _found(snippet_id).delete()


@customer_service(Permission.REPLY)
def fill_snippet(scope: rls.Scope, *, by: User, snippet_id: UUID, contact_id: UUID, now: datetime) -> str:
    """Return a snippet's text with a contact's values. Raises UnknownSnippet (also for an unknown contact), and EmptyVariable with the
    names of missing values, which a person must replace.
    """
    with rls.scope(scope):
        snippet = _found(snippet_id)
        contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise UnknownSnippet
    return filled(snippet.text, contact)


def filled(text: str, contact: Contact) -> str:
    """Return a text with the contact's values in place of its variables. Raises UnknownVariable, EmptyVariable."""
    _require_known(text)
    values = {name: (VARIABLES[name](contact) or "").strip() for name in variables_of(text)}
    if empty := [name for name, value in values.items() if not value]:
        raise EmptyVariable(empty)
    return VARIABLE.sub(lambda found: values[found[1].strip()], text)


def variables_of(text: str) -> list[str]:
    """Return the names in braces, each once, in their order."""
    return list(dict.fromkeys(found[1].strip() for found in VARIABLE.finditer(text)))


def _require_known(text: str) -> None:
    if unknown := [name for name in variables_of(text) if name not in VARIABLES]:
        raise UnknownVariable(unknown, list(VARIABLES))


def _found(snippet_id: UUID) -> Snippet:
    snippet = Snippet.objects.filter(pk=snippet_id).first()
    if snippet is None:
        raise UnknownSnippet
    return snippet


def _stored(snippet: Snippet) -> Snippet:
    try:
        with transaction.atomic():
            snippet.save()
    except IntegrityError:
        raise SnippetThere from None
    return snippet


def _name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidSnippet
    return name


def _text(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise InvalidSnippet
    _require_known(text)
    return text
