"""Every API route with two organizations: a customer sees their own data, nothing of the other.

Both organizations hold the same kinds of rows under other names; Globex's carry a marker that must not appear in any response to
Acme. Ids of Globex get the same response, byte for byte, as ids that do not exist.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from uuid import uuid4

import pytest

from messaging import search
from messaging.models import Event
from salesbrain import rls
from tests import factories

MARKER = "globex-secret"
OURS = "acme-visible"


@dataclass(frozen=True)
class Route:
    path: str
    shows: str = OURS  # what of the own data an answer has to hold


CUSTOMER_ROUTES = [
    Route("me", "Acme"),
    Route("campaigns"),
    Route("campaign/{campaign}"),
    Route("campaign/{campaign}/messages"),
    Route("campaign/{campaign}/stats?by=email_account"),
    Route("email-accounts"),
    Route("email-account/{account}/stats?by=campaign"),
    Route("stats?by=campaign"),
    Route("contacts"),
    Route("contacts/{contact}"),
    Route("conversations"),
    Route("conversations/{contact}"),
    Route("replies/{reply}"),
    Route("snippets"),
    Route("events"),
    Route("search/messages?query=quarterly"),
]
STAFF_ROUTES = [
    Route("admin/campaigns"),
    Route("admin/email-accounts"),
    Route("admin/findings"),
    Route("admin/campaign/{campaign}/stats?by=email_account"),
    Route("admin/email-account/{account}/stats?by=campaign"),
]
ids = [route.path for route in CUSTOMER_ROUTES]
TAKING_AN_ORGANIZATION = [route for route in CUSTOMER_ROUTES if route.path != "me"]  # `me` lists them


def furnish(connection, word: str, position: int) -> SimpleNamespace:
    """Create one row of every kind for an organization, with `word` in every text."""
    campaign = factories.campaign(connection, f"{word} campaign", senders=[f"{word}@sender.example"])
    account = factories.email_account(connection, f"{word}@sender.example")
    message = factories.message(
        campaign,
        f"{word}@lead.example",
        subject=f"{word} quarterly",
        body_text=f"{word} body",
        email_account=account.address,
    )
    factories.event(
        campaign,
        position,
        contact=message.contact,
        message=message,
        lead_email=message.contact.email,
        position=position,
    )
    factories.daily_stats(campaign, sent=1, messages=1, email_account=account.address)
    factories.finding(campaign)
    factories.conversation(message.contact)
    author = factories.customer(f"{word}@writer.example", campaign.organization)
    reply = factories.outbox_message(message.contact, author, text=f"{word} answer")
    factories.snippet(campaign.organization, f"{word} snippet", word)
    return SimpleNamespace(
        reply=reply.pk,
        campaign=campaign.pk,
        account=account.pk,
        contact=message.contact.pk,
        organization=campaign.organization_id,
    )


@pytest.fixture
def acme_data(acme_connection):
    return furnish(acme_connection, OURS, 1)


@pytest.fixture
def globex_data(globex_connection):
    return furnish(globex_connection, MARKER, 2)


def address(path: str, data: SimpleNamespace) -> str:
    return "/api/instantly/" + path.format(**vars(data))


@pytest.fixture
def indexed(acme_data, globex_data):
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()


@pytest.mark.parametrize("route", CUSTOMER_ROUTES, ids=ids)
def test_a_customer_sees_their_own_data_only(api, customer, acme_data, globex_data, indexed, route):
    answer = api(customer).get(address(route.path, acme_data))
    assert answer.status_code == 200, answer.content
    assert answer.json()["success"] is True
    assert route.shows in answer.content.decode()
    assert MARKER not in answer.content.decode() and str(globex_data.organization) not in answer.content.decode()


@pytest.mark.parametrize("route", TAKING_AN_ORGANIZATION, ids=lambda route: route.path)
def test_a_foreign_organization_is_answered_like_an_unknown_one(api, customer, acme_data, globex_data, route):
    joint = "&" if "?" in route.path else "?"
    client = api(customer)
    theirs = client.get(address(route.path, acme_data) + f"{joint}organization_id={globex_data.organization}")
    nobodys = client.get(address(route.path, acme_data) + f"{joint}organization_id={uuid4()}")
    assert (theirs.status_code, theirs.content) == (404, nobodys.content)


@pytest.mark.parametrize(
    "route", [route for route in CUSTOMER_ROUTES if "{" in route.path], ids=lambda route: route.path
)
def test_a_foreign_id_is_answered_like_an_unknown_one(api, customer, acme_data, globex_data, route):
    nobody = SimpleNamespace(campaign=uuid4(), account=uuid4(), contact=uuid4(), reply=uuid4())
    client = api(customer)
    theirs, nobodys = client.get(address(route.path, globex_data)), client.get(address(route.path, nobody))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content == nobodys.content
    assert {**theirs.headers, "X-Request-ID": ""} == {**nobodys.headers, "X-Request-ID": ""}


@pytest.mark.parametrize("filter", ["campaign_id", "contact_id"])
def test_a_filter_by_a_foreign_id_finds_the_same_as_by_an_unknown_id(api, customer, acme_data, globex_data, filter):
    theirs = {"campaign_id": globex_data.campaign, "contact_id": globex_data.contact}[filter]
    client = api(customer)
    found = client.get(f"/api/instantly/events?{filter}={theirs}").json()["data"]
    assert (
        found
        == client.get(f"/api/instantly/events?{filter}={uuid4()}").json()["data"]
        == {"events": [], "cursor": 0, "more": False}
    )


@pytest.mark.parametrize("route", CUSTOMER_ROUTES + STAFF_ROUTES, ids=lambda route: route.path)
def test_without_a_token_there_is_nothing(api, acme_data, route):
    answer = api().get(address(route.path, acme_data))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["success"] is False and OURS not in answer.content.decode()


@pytest.mark.parametrize("route", STAFF_ROUTES, ids=lambda route: route.path)
def test_a_customer_is_refused_on_staff_routes(api, customer, acme_data, route):
    answer = api(customer).get(address(route.path, acme_data))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("route", STAFF_ROUTES[:2], ids=lambda route: route.path)
def test_staff_see_both(api, viewer, acme_data, globex_data, route):
    text = api(viewer).get(address(route.path, acme_data)).content.decode()
    assert OURS in text and MARKER in text


@pytest.mark.parametrize("route", STAFF_ROUTES[2:], ids=lambda route: route.path)
def test_staff_see_either(api, viewer, acme_data, globex_data, route):
    assert OURS in api(viewer).get(address(route.path, acme_data)).content.decode()
    assert MARKER in api(viewer).get(address(route.path, globex_data)).content.decode()


@pytest.mark.parametrize(
    "path", ["admin/campaigns", "admin/email-accounts", "campaigns", "stats?by=campaign", "contacts"]
)
def test_staff_may_name_an_organization(api, viewer, acme_data, globex_data, path):
    joint = "&" if "?" in path else "?"
    text = api(viewer).get(f"/api/instantly/{path}{joint}organization_id={globex_data.organization}").content.decode()
    assert MARKER in text and OURS not in text


def test_a_user_of_several_organizations_must_name_one(api, acme, globex, acme_data, globex_data):
    both = factories.customer("both@agency.example", acme, globex)
    client = api(both)
    refused = client.get("/api/instantly/campaigns")
    assert (refused.status_code, refused.json()["code"]) == (400, "organization_required")
    text = client.get(f"/api/instantly/campaigns?organization_id={globex.pk}").content.decode()
    assert MARKER in text and OURS not in text
    listed = client.get("/api/instantly/me").json()["data"]["organizations"]
    assert [entry["name"] for entry in listed] == ["Acme", "Globex"]


def test_a_user_of_no_organization_gets_403(api, db):
    answer = api(factories.customer("nobody@agency.example")).get("/api/instantly/campaigns")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_organization")


def test_a_deactivated_users_tokens_are_gone_and_one_made_since_gets_403(api, customer):
    client = api(customer)
    customer.is_active = False
    customer.save()
    assert client.get("/api/instantly/campaigns").status_code == 401
    answer = api(customer).get("/api/instantly/campaigns")
    assert (answer.status_code, answer.json()["code"]) == (403, "user_inactive")


def test_a_deactivated_organization_gets_403(api, customer, acme):
    acme.is_active = False
    with rls.scope(rls.SYSTEM):
        acme.save()
    assert api(customer).get("/api/instantly/campaigns").status_code == 403


def test_a_user_without_an_organization_sees_nothing(api, initech, acme_data, globex_data):
    client = api(factories.customer("customer@initech.example", initech))
    for path, name in (
        ("campaigns", "campaigns"),
        ("email-accounts", "accounts"),
        ("contacts", "contacts"),
        ("events", "events"),
    ):
        assert client.get(f"/api/instantly/{path}").json()["data"][name] == []
    assert client.get("/api/instantly/stats").json()["data"]["sent"] == 0


def test_the_rows_of_the_other_organization_are_really_there(acme_data, globex_data):
    """Without Globex's rows in the database every test above would pass and prove nothing."""
    with rls.scope(rls.SYSTEM):
        assert Event.objects.filter(lead_email__contains=MARKER).exists()
