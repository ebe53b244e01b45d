"""Limits on SQL statements per page; every route is a page that tests open or a named exception."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access_log import record_access
from accounts.choices import AccessAction
from salesbrain.isolation.pages import NOT_ADMIN, SLOT, routes
from salesbrain.isolation.portal import views
from salesbrain.isolation.requests import document
from tests import factories
from tests.factories import NOON
from tests.salesbrain.web import example_rows, pages

pytestmark = pytest.mark.django_db
UNCOUNTED = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO", "SELECT set_config(", "SELECT coalesce(current_setting(")
"""Statements that a test's own transaction adds; in production BEGIN and the scope are sent in one message."""


def statements(client, address: str) -> list[str]:
    client.get(address)  # what is asked once a process
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in queries if not query["sql"].startswith(UNCOUNTED)]


@pytest.fixture
def rows(acme, acme_connection, viewer):
    """Return a function that creates `number` rows of everything that a page lists."""
    example_rows.make(acme_connection)

    def make(start: int, count: int) -> None:
        for number in range(start, start + count):
            factories.customer(f"colleague{number}@acme.example", acme)
            campaign = factories.campaign(acme_connection, f"Campaign {number}")
            factories.event(campaign, number + 1, position=number + 1)
            contact = factories.contact(acme, f"lead{number}@lead.example")
            record_access(
                organization_id=acme.pk, user=viewer, conversation_id=contact.pk, action=AccessAction.READ, now=NOON
            )

    return make


@pytest.mark.parametrize("page", pages.of_users(), ids=lambda page: page.route or "overview")
def test_a_page_keeps_to_its_statements_whatever_it_lists(page, customer, rows):
    client = pages.client_of(customer)
    rows(0, 1)
    few = statements(client, page.address)
    rows(1, 6)
    many = statements(client, page.address)
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= page.view.statements, "\n".join(many)


@pytest.mark.parametrize("page", pages.of_users(), ids=lambda page: page.route or "overview")
def test_pages_cost_no_more_statements_for_staff(page, viewer, acme, rows):
    client = pages.client_of(viewer)
    rows(0, 3)
    assert len(statements(client, page.address)) <= page.view.statements + 2


def test_every_address_is_a_page_or_is_named_with_its_reason():
    """Every URL needs a Page that tests open, a documented operation, or an entry with a reason in NOT_ADMIN."""
    described = set(document()["paths"])
    known = set(views()) | set(NOT_ADMIN)
    left = [
        route
        for route in routes()
        if route not in known and not route.startswith("admin/") and "/" + SLOT.sub(r"{\2}", route) not in described
    ]
    assert left == []
