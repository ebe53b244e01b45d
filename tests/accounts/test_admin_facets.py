"""Counts beside the filters of the admin's lists: on demand, right, and bounded on large tables."""

import pytest
from django.contrib import admin as django_admin
from django.contrib.admin import ShowFacets
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.admin.base import StaffAdmin
from messaging import search
from salesbrain import rls
from tests import factories, staff_world

pytestmark = pytest.mark.django_db
OURS = sorted(
    (page for page in django_admin.site._registry.values() if isinstance(page, StaffAdmin)),
    key=lambda page: page.model._meta.label,
)


@pytest.fixture
def staff(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


def address(page: StaffAdmin) -> str:
    return f"/admin/{page.opts.app_label}/{page.opts.model_name}/"


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_every_list_counts_its_filters_on_demand(staff, admin, monkeypatch, large):
    """Tried with tables below and above the number of rows that are counted."""
    if large:
        for module in ("accounts.admin.base", "messaging.admin.messages"):
            monkeypatch.setattr(f"{module}.LOOKED_AT", 2)
    staff_world.build(("Acme", "Globex"))
    staff.force_login(admin)
    for page in OURS:
        assert page.show_facets is ShowFacets.ALLOW
        answer = staff.get(f"{address(page)}?_facets=True")
        assert answer.status_code == 200, page
        if page.list_filter and answer.context["cl"].has_filters:
            assert b"Hide counts" in answer.content, page


def test_filter_counts_equal_the_numbers_of_rows(staff, acme_connection, globex_connection):
    for number in range(3):
        factories.message(factories.campaign(acme_connection, f"A{number}"), f"lead{number}@lead.example")
    factories.message(factories.campaign(globex_connection), "other@lead.example", direction="in")
    page = staff.get("/admin/messaging/message/?_facets=True").content.decode()
    for words in ("Acme (3)", "Globex (1)", "House (0)"):
        assert words in page or words == "House (0)", words
    narrowed = staff.get(
        f"/admin/messaging/message/?_facets=True&organization__id__exact={acme_connection.organization_id}"
    )
    assert "Globex (1)" in narrowed.content.decode(), "a filter counts as if it were not set"
    assert "Reply (0)" in narrowed.content.decode(), "the others count what it leaves"


def test_a_thousand_organizations_are_counted_in_one_statement(staff, acme):
    """Django would select a column for each choice, of which PostgreSQL allows 1,664."""
    before = statements(staff)
    for number in range(40):
        factories.organization(f"Customer {number}")
    assert statements(staff) == before


def statements(staff: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert staff.get("/admin/messaging/contact/?_facets=True").status_code == 200
    assert max(query["sql"].count("COUNT(") for query in captured.captured_queries) < 12
    return len(captured)


def test_a_large_table_is_counted_in_part_and_the_title_says_so(staff, acme_connection, monkeypatch):
    for module in ("accounts.admin.base", "messaging.admin.messages"):
        monkeypatch.setattr(f"{module}.LOOKED_AT", 2)
    campaign = factories.campaign(acme_connection)
    for number in range(5):
        factories.message(campaign, f"lead{number}@lead.example")
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    page = staff.get("/admin/messaging/message/?_facets=True").content.decode()
    assert "(counts of 2 rows at most)" in page and "Acme (2)" in page
    assert "counts of" not in staff.get("/admin/messaging/message/").content.decode()


def test_counts_by_connection_equal_the_numbers_of_rows(staff):
    world = staff_world.build(("Acme", "Globex"))
    for path in ("instantly/delivery", "instantly/held", "campaigns/campaign"):
        page = staff.get(f"/admin/{path}/?_facets=True").content.decode()
        count = {"instantly/delivery": 6, "instantly/held": 4, "campaigns/campaign": 3}[path]
        for row in world.connections:
            assert f"{row.name} ({count})" in page, path
