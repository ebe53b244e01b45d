"""API lists of campaigns and email accounts: filters, ordering, organization filter for staff."""

from datetime import timedelta
from typing import Any

import pytest

from tests import factories

NOON = factories.NOON


@pytest.fixture
def campaigns(acme_connection):
    factories.campaign(acme_connection, "Alpha", senders=["a@sender.example"], provider_created_at=NOON)
    factories.campaign(acme_connection, "Beta", status="paused", provider_created_at=NOON + timedelta(days=1))
    factories.campaign(acme_connection, "Gamma", status="bounce_protect")
    factories.campaign(acme_connection, "Delta", not_sending="error")
    factories.campaign(acme_connection, "Epsilon", missing_since=NOON)


@pytest.fixture
def mailboxes(acme_connection):
    factories.email_account(acme_connection, "anna@sender.example", first_name="Anna", warmup_status="active")
    factories.email_account(acme_connection, "bert@sender.example", status="paused")
    factories.email_account(acme_connection, "cleo@other.example", missing_since=NOON)


def names(client, path: str) -> str:
    data = client.get(f"/api/instantly/{path}").json()["data"]
    rows, key = (data["campaigns"], "name") if "campaigns" in data else (data["accounts"], "address")
    return "".join(row[key][0].upper() for row in rows)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "ABDEG"),
        ("ordering=-name", "GEDBA"),
        ("status=paused", "B"),
        ("status=paused,bounce_protect", "BG"),
        ("health=healthy", "AB"),
        ("health=unhealthy", "DEG"),
        ("email_account=A@sender.example", "A"),
        ("query=ETA", "B"),
        ("query=%25", ""),
        ("created_since=2026-07-11", "B"),
        ("created_until=2026-07-11T00:00:00%2B00:00", "A"),
        ("updated_since=2126-01-01", ""),
        ("limit=2&offset=1", "BD"),
    ],
)
def test_campaigns(api, customer, campaigns, query, found):
    assert names(api(customer), f"campaigns?{query}") == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "ABC"),
        ("ordering=-address", "CBA"),
        ("status=paused", "B"),
        ("warmup_status=active", "A"),
        ("health=healthy", "A"),
        ("health=unhealthy", "BC"),
        ("query=other", "C"),
        ("query=ANNA", "A"),
    ],
)
def test_mailboxes(api, customer, mailboxes, query, found):
    assert names(api(customer), f"email-accounts?{query}") == found


def test_is_healthy_agrees_with_the_filter(api, customer, campaigns, mailboxes):
    client = api(customer)
    for path, name in (("campaigns", "campaigns"), ("email-accounts", "accounts")):
        for health, said in (("healthy", True), ("unhealthy", False)):
            rows = client.get(f"/api/instantly/{path}?health={health}").json()["data"][name]
            assert rows and {row["is_healthy"] for row in rows} == {said}


@pytest.mark.parametrize("path", ["admin/campaigns", "admin/email-accounts"])
def test_staff_filter_by_organization_and_connection_by_name_or_id(
    api, viewer, acme, globex, acme_connection, globex_connection, path
):
    for connection in (acme_connection, globex_connection):
        factories.campaign(connection, connection.name)
        factories.email_account(connection, f"{connection.name}@sender.example")
    client = api(viewer)
    for query in (
        "organization=globex",
        f"organization={globex.pk}",
        "connection=globex",
        f"connection={globex_connection.pk}",
    ):
        assert names(client, f"{path}?{query}") == "G", query
    assert (
        names(client, f"{path}?organization=nobody")
        == names(client, f"{path}?connection=acme&organization=globex")
        == ""
    )


@pytest.mark.parametrize("parameter", ["organization=acme", "connection=acme"])
def test_staff_filters_are_unknown_to_customers(api, customer, parameter):
    answer = api(customer).get(f"/api/instantly/campaigns?{parameter}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [parameter.partition("=")[0]])


def test_organization_and_connection_are_shown_to_staff_only(api, viewer, customer, campaigns):
    shown = api(viewer).get("/api/instantly/admin/campaigns").json()["data"]["campaigns"][0]
    assert (shown["organization"]["name"], shown["connection"]["name"]) == ("Acme", "acme")
    hidden = api(customer).get("/api/instantly/campaigns").json()["data"]["campaigns"][0]
    assert "connection" not in hidden


def test_no_answer_holds_a_key(api, viewer, campaigns, mailboxes, acme_connection):
    for path in ("admin/campaigns", "admin/email-accounts"):
        text = api(viewer).get(f"/api/instantly/{path}").content.decode()
        assert acme_connection.api_key not in text and "api_key" not in text


def test_a_campaign_shows_its_schedule_and_steps(api, customer, acme_connection):
    campaign = factories.campaign(acme_connection, schedule={"days": [1]}, sequences=[{"steps": []}])
    shown = api(customer).get(f"/api/instantly/campaign/{campaign.pk}").json()["data"]
    assert (shown["schedule"], shown["sequences"]) == ({"days": [1]}, [{"steps": []}])


MESSAGES = [
    ("direction=out", "abcde"),
    ("direction=in", "fgh"),
    ("status=opened", "b"),
    ("status=sent,bounced", "ae"),
    ("status=received", "fgh"),
    ("status=received&unread=true&step=9", "f"),
    ("step=2", "c"),
    ("variant=2", "d"),
    ("email_account=Other@sender.example", "a"),
    ("category=lead_interested", "b"),
    ("unread=true", "f"),
    ("unread=false", "g"),
    ("since=2026-07-10T12:04:00Z", "efgh"),
    ("until=2026-07-10T12:01:00Z", "a"),
]


@pytest.mark.parametrize(("query", "found"), MESSAGES)
def test_messages_of_a_campaign(api, customer, acme, acme_connection, query, found):
    campaign = factories.campaign(acme_connection)
    special: dict[str, dict[str, Any]] = {
        "a": {"email_account": "other@sender.example"},
        "b": {"opened_at": NOON},
        "c": {"step": 2, "replied_at": NOON},
        "d": {"variant": 2, "clicked_at": NOON},
        "e": {"bounced_at": NOON},
        "f": {"direction": "in", "step": 9, "is_unread": True},
        "g": {"direction": "in", "is_unread": False},
        "h": {"direction": "in"},  # nobody told
    }
    for number, (letter, fields) in enumerate(special.items()):
        factories.message(campaign, f"{letter}@lead.example", happened_at=NOON + timedelta(minutes=number), **fields)
    factories.contact(acme, "b@lead.example", interest="lead_interested")
    data = (
        api(customer).get(f"/api/instantly/campaign/{campaign.pk}/messages?{query}&ordering=happened_at").json()["data"]
    )
    assert "".join(message["contact"]["email"][0] for message in data["messages"]) == found
