"""Customer pages: rows shown to each user, and rights that change between two clicks."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import AuditEntry, Membership, Organization, User
from salesbrain import rls
from salesbrain.web import organizations
from tests import factories
from tests.salesbrain.web import example_rows
from tests.salesbrain.web.pages import client_of, of_users

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(acme, globex) -> User:
    return factories.customer("both@customers.example", acme, globex)


def heading(client: Client) -> str:
    return client.get("/").content.decode().split("<h1>")[1].split("</h1>")[0].strip()


@pytest.mark.parametrize("page", of_users(), ids=lambda page: page.route or "overview")
def test_a_stranger_is_sent_to_the_login_and_comes_back(page):
    answer = Client().get(page.address + "?a=1")
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={page.address}%3Fa%3D1")


def test_a_script_of_a_page_whose_session_ended_reloads_the_page():
    answer = Client().get("/", headers={"hx-request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (401, "true")


@pytest.mark.parametrize("page", of_users(), ids=lambda page: page.route or "overview")
def test_no_page_is_kept_by_a_browser_or_a_proxy(page, customer, acme_connection):
    example_rows.make(acme_connection)
    told = client_of(customer).get(page.address)["Cache-Control"]
    assert "no-store" in told and "private" in told


def test_a_customer_sees_the_figures_of_her_organization_alone(customer, acme_connection, globex_connection):
    factories.campaign(acme_connection, "One")
    for name in ("Two", "Three"):
        factories.campaign(globex_connection, name)
    assert client_of(customer).get("/").context["overview"].campaigns == 1


def test_staff_see_all_organizations_and_one_when_they_choose_it(viewer, acme, acme_connection, globex_connection):
    for connection in (acme_connection, globex_connection):
        factories.campaign(connection)
    client = client_of(viewer)
    assert (heading(client), client.get("/").context["overview"].campaigns) == ("All organizations", 2)
    client.post("/switch", {"organization": str(acme.pk)})
    assert (heading(client), client.get("/").context["overview"].campaigns) == ("Acme", 1)
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="organization.open")
        assert (entry.actor_id, entry.organization_id) == (viewer.pk, acme.pk)
    client.post("/switch", {"organization": "all"})
    assert heading(client) == "All organizations"


def test_a_customer_of_two_switches_between_them_and_to_no_other(both, globex, initech):
    client = client_of(both)
    assert heading(client) == "Acme"
    assert client.post("/switch", {"organization": str(globex.pk)}).status_code == 302
    assert heading(client) == "Globex"
    for other in (initech.pk, uuid4(), "all", "", "x"):
        assert client.post("/switch", {"organization": str(other)}).status_code == 404
    assert heading(client) == "Globex"


def test_a_membership_that_ended_shows_the_next_organization(both, globex):
    client = client_of(both)
    client.post("/switch", {"organization": str(globex.pk)})
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=both, organization=globex).delete()
    assert heading(client) == "Acme"


@pytest.mark.parametrize("what", ["membership", "organization"])
def test_a_user_without_organization_sees_why_and_can_use_the_settings(customer, acme, what):
    client = client_of(customer)
    with rls.scope(rls.SYSTEM):
        if what == "membership":
            Membership.objects.all().delete()
        else:
            Organization.objects.filter(pk=acme.pk).update(is_active=False)
    answer = client.get("/")
    assert answer.status_code == 403 and "You do not belong to an organization" in answer.content.decode()
    assert "Acme" not in answer.content.decode()
    assert client.get("/settings").status_code == 200


def test_a_deactivated_user_is_a_stranger(customer):
    client = client_of(customer)
    User.objects.filter(pk=customer.pk).update(is_active=False)
    assert client.get("/")["Location"] == "/login"


def test_a_session_cannot_name_an_organization_its_user_may_not_see(customer, globex):
    client = client_of(customer)
    session = client.session
    session[organizations.SESSION_KEY] = str(globex.pk)
    session.save()
    assert heading(client) == "Acme"


def test_a_part_of_a_page_of_another_organization_is_refused_with_a_way_back(both, acme, globex):
    client = client_of(both)
    client.post("/switch", {"organization": str(globex.pk)})
    headers = {"hx-request": "true", "x-organization": str(acme.pk)}
    answer = client.get("/", headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This form belongs to Acme, and you have switched to Globex" in page
    assert f'value="{acme.pk}"' in page.split('action="/switch"')[-1]
    assert client.get("/", headers={**headers, "x-organization": str(globex.pk)}).status_code == 200


def test_the_pages_of_staff_need_the_second_factor_too(settings, viewer):
    settings.SECOND_FACTOR_REQUIRED = True
    client = client_of(viewer)
    for page in of_users():
        if page.route != "settings/second-factor":
            assert client.get(page.address)["Location"].startswith("/login"), page.route


def test_pages_may_not_be_framed(customer):
    answer = client_of(customer).get("/")
    assert answer["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in answer["Content-Security-Policy"]
