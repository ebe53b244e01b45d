"""Snippets (text templates): owners write them, variables filled in, none sent with a gap."""

import pytest

from accounts.choices import MembershipRole
from accounts.permissions import RoleTooLow
from messaging.inbox import snippets
from messaging.inbox.refusals import EmptyVariable, InvalidSnippet, SnippetThere, UnknownSnippet, UnknownVariable
from messaging.models import Snippet
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.outbox_cast import NOW, in_scope

pytestmark = pytest.mark.django_db


def create(user, name="Calendar", text="Hello {first_name}"):
    return snippets.create_snippet(in_scope(user), by=user, name=name, text=text, now=NOW)


def fill(user, snippet, contact):
    return snippets.fill_snippet(in_scope(user), by=user, snippet_id=snippet.pk, contact_id=contact.pk, now=NOW)


def test_a_snippet_is_filled_with_what_the_contact_has(acme, customer):
    person = factories.contact(acme, first_name="Ada", last_name="Lovelace", company="Engines & Co {x}")
    snippet = create(customer, text="Dear {name},\nHow is {company}? { first_name }!")
    assert fill(customer, snippet, person) == "Dear Ada Lovelace,\nHow is Engines & Co {x}? Ada!"


def test_variables_without_a_value_are_named_instead_of_left_empty(acme, customer):
    snippet = create(customer, text="{first_name} of {company}")
    with pytest.raises(EmptyVariable) as refused:
        fill(customer, snippet, factories.contact(acme, first_name="Ada"))
    assert refused.value.names == ["company"] and "{company}" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "refusal"),
    [
        pytest.param("A", "Hi {vorname}", UnknownVariable, id="an unknown variable"),
        pytest.param("A", "Hi {}", UnknownVariable, id="an empty one"),
        pytest.param(" ", "Hi", InvalidSnippet, id="no name"),
        pytest.param("x" * 81, "Hi", InvalidSnippet, id="a long name"),
        pytest.param("A", " \n", InvalidSnippet, id="no text"),
        pytest.param("Calendar", "Hi", SnippetThere, id="a name there is"),
    ],
)
def test_an_invalid_snippet_is_refused(customer, name, text, refusal):
    snippet = create(customer)
    with pytest.raises(refusal):
        create(customer, name, text)
    if refusal is not SnippetThere:
        with pytest.raises(refusal):
            snippets.change_snippet(
                in_scope(customer), by=customer, snippet_id=snippet.pk, name=name, text=text, now=NOW
            )
    with rls.scope(rls.SYSTEM):
        assert Snippet.objects.get().text == "Hello {first_name}"


def test_members_use_and_owners_write(acme, customer, stranger, viewer):
    snippet = create(customer)
    person = factories.contact(acme, first_name="Ada")
    member = factories.customer("member@acme.example", acme, role=MembershipRole.MEMBER)
    assert fill(member, snippet, person) == "Hello Ada"
    with pytest.raises(RoleTooLow):
        create(member, "Mine")
    with pytest.raises(RoleTooLow):
        fill(viewer, snippet, person)
    for act in (
        lambda: fill(stranger, snippet, person),
        lambda: snippets.delete_snippet(in_scope(stranger), by=stranger, snippet_id=snippet.pk, now=NOW),
        lambda: snippets.change_snippet(in_scope(stranger), by=stranger, snippet_id=snippet.pk, text="x", now=NOW),
    ):
        with pytest.raises(UnknownSnippet):
            act()


def test_a_snippet_cannot_be_filled_for_another_organizations_contact(globex, customer):
    snippet = create(customer)
    with pytest.raises(UnknownSnippet):
        fill(customer, snippet, factories.contact(globex, first_name="Eve"))
