"""Contacts found by a part of their name, company or address."""

import pytest

from messaging.models import Contact, contact, contact_search
from messaging.models.contact_search import count_contacts_containing
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db
PEOPLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("juergen.mueller@kuesten-bau.example", {"first_name": "Jürgen", "last_name": "Müller", "company": "Küstenbau GmbH"}),
    ("o.connor@harbor.example", {"first_name": "Orla", "last_name": "O'Connor", "company": "Harbor & Sons 50% Ltd"}),
    ("nobody@plain.example", {}),
)  # fmt: skip


@pytest.fixture
def people(acme, globex) -> None:
    for email, names in PEOPLE:
        factories.contact(acme, email, **names)
    factories.contact(globex, "juergen.mueller@globex.example", first_name="Jürgen", last_name="Müller")


def found(organization, text: str) -> list[str]:
    with rls.scope(rls.customer(organization.pk)):
        return [person.email.partition("@")[0] for person in Contact.objects.matching(text).order_by("email")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller", ["juergen.mueller"]),
        ("mueller", ["juergen.mueller"]),
        ("Jürgen Müller", ["juergen.mueller"]),
        ("juergen.mue", ["juergen.mueller"]),
        ("küstenbau g", ["juergen.mueller"]),
        ("O'Connor", ["o.connor"]),
        ("oconn", ["o.connor"]),
        ("@plain.ex", ["nobody"]),
        ("50%", ["o.connor"]),
        ("5%%0", []),
        ("%%%", []),
        ("Mü", ["juergen.mueller"]),
        ("xqzzy", []),
        (".example", ["juergen.mueller", "nobody", "o.connor"]),
    ],
)
def test_a_part_of_a_name_a_company_or_an_address_finds_its_contact(people, acme, text, expected):
    assert found(acme, text) == expected


def test_staff_find_the_people_of_all_organizations(people):
    with rls.scope(rls.staff("sb_viewer")):
        assert Contact.objects.matching("Müller").count() == 2


def test_more_than_a_few_are_found_in_their_order(people, acme, monkeypatch):
    monkeypatch.setattr(contact_search, "FEW", 1)
    for text in ("example", "harbor", "Müller"):
        with rls.scope(rls.customer(acme.pk)):
            by_walking = contact.contacts_containing(text) is None
        assert by_walking == (text == "example")
        assert found(acme, text)


def test_a_contact_without_mails_is_found_by_a_new_name(people, acme):
    factories.contact(acme, "nobody@plain.example", first_name="Wilhelmine")
    assert found(acme, "Wilhelm") == ["nobody"]


def test_people_are_counted_up_to_a_limit_and_short_texts_not_at_all(people, acme):
    with rls.scope(rls.customer(acme.pk)):
        assert count_contacts_containing("example", up_to=10) == 3
        assert count_contacts_containing("example", up_to=2) == 2
        assert count_contacts_containing("xqzzy", up_to=2) == 0
        assert count_contacts_containing("ex", up_to=2) is None


def test_nobody_is_found_outside_of_a_scope(people):
    assert contact_search.contacts_containing("Müller") == []
    assert not Contact.objects.matching("Müller").exists()
