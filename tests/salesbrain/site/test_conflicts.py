"""Conflicts between customers: people and companies that two of them write to, for staff only."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging import conflicts, identity
from messaging.conflicts import find_conflicts
from messaging.models import Contact
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db


def found() -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]]]:
    """Return people and companies, each with its customers and numbers of contacts."""
    with rls.scope(rls.SYSTEM):
        seen = find_conflicts()
    people, companies = (
        {one.name: sorted((side.organization.name, side.contacts) for side in one.sides) for one in rows}
        for rows in (seen.people, seen.companies)
    )
    return people, companies


def write(organization: Any, *addresses: str) -> None:
    for address in addresses:
        factories.contact(organization, address)


def test_people_and_companies_of_two_customers_are_found(acme, globex, initech):
    write(acme, "ann@buyer.example", "bob@buyer.example", "only@acme-lead.example")
    write(globex, "ann@buyer.example", "cid@buyer.example")
    write(initech, "dan@other.example")
    assert found() == (
        {"ann@buyer.example": [("Acme", 1), ("Globex", 1)]},
        {"buyer.example": [("Acme", 2), ("Globex", 2)]},
    )


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "t-online.de"])
def test_a_free_mail_domain_is_no_company_but_its_people_are_people(acme, globex, domain):
    write(acme, f"ann@{domain}", f"bob@{domain}")
    write(globex, f"ann@{domain}", f"cid@{domain}")
    assert found() == ({f"ann@{domain}": [("Acme", 1), ("Globex", 1)]}, {})


def test_the_agencys_own_and_closed_customers_are_left_out(acme, globex, house):
    write(acme, "ann@buyer.example")
    write(house, "ann@buyer.example")
    write(globex, "ann@buyer.example")
    with rls.scope(rls.SYSTEM):
        globex.is_active = False
        globex.save()
    assert found() == ({}, {})


def test_no_more_than_the_newest_contacts_of_each_are_looked_at(acme, globex, monkeypatch):
    monkeypatch.setattr(conflicts, "LOOKED_AT", 4)
    monkeypatch.setattr(conflicts, "FEWEST", 1)
    write(acme, "old@buyer.example", "a1@x.example", "a2@y.example")
    write(globex, "old@buyer.example")
    assert found() == ({}, {}), "two of each: the oldest of Acme's three is not among them"
    monkeypatch.setattr(conflicts, "LOOKED_AT", 6)
    assert list(found()[0]) == ["old@buyer.example"]


def test_in_a_customers_scope_no_conflicts_are_found(acme, globex):
    write(acme, "ann@buyer.example")
    write(globex, "ann@buyer.example")
    with rls.scope(rls.customer(acme.pk)):
        seen = find_conflicts()
    assert (list(seen.people), list(seen.companies)) == ([], [])


def test_the_page_is_for_staff_only(acme, globex, customer, viewer):
    write(acme, "ann@buyer.example")
    write(globex, "ann@buyer.example")
    address = reverse("admin:conflicts")
    for user in (None, customer):
        client = Client()
        if user is not None:
            client.force_login(user)
        answer = client.get(address)
        assert answer.status_code == 302 and b"buyer" not in answer.content
    client = Client()
    client.force_login(viewer)
    page = client.get(address)
    text = page.content.decode()
    assert page.status_code == 200 and "ann@buyer.example" in text and "buyer.example" in text
    for side in page.context["conflicts"].people[0].sides:
        assert client.get(reverse("admin:messaging_contact_change", args=[side.contact_id])).status_code == 200


def test_an_address_is_text_on_the_page(acme, globex, viewer):
    for organization in (acme, globex):
        with rls.scope(rls.SYSTEM):
            hostile = "<b>x</b>@evil.example"
            Contact.objects.create(
                id=identity.contact_id(organization.pk, hostile), organization=organization, email=hostile,
                first_seen_at=factories.NOON,
            )  # fmt: skip
    client = Client()
    client.force_login(viewer)
    assert "<b>x</b>" not in client.get(reverse("admin:conflicts")).content.decode()


def test_the_conflicts_page_costs_few_statements_for_any_number_of_conflicts(acme, globex, viewer):
    client = Client()
    client.force_login(viewer)
    write(acme, "ann@buyer.example")
    write(globex, "ann@buyer.example")
    client.get(reverse("admin:conflicts"))
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:conflicts"))
    few = len(captured)
    for number in range(8):
        write(acme, f"p{number}@buyer{number}.example")
        write(globex, f"p{number}@buyer{number}.example")
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:conflicts"))
    assert len(captured) == few <= 10, few
