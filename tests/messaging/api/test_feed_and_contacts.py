"""API endpoints of the event feed, and of contacts with their timelines."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from messaging import identity
from messaging.models import Event, Suppression
from salesbrain import rls
from tests import factories

FEED = "/api/instantly/events"
CONTACTS = "/api/instantly/contacts"


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def client(api, customer):
    return api(customer)


def follow(client, since: int = 0, **query) -> list[int]:
    seen = []
    while True:
        data = client.get(FEED, {"since": since, **query}).json()["data"]
        seen += [event["id"] for event in data["events"]]
        since = data["cursor"]
        if not data["more"]:
            return seen


def test_the_feed_is_in_the_order_of_positions_not_of_times(client, campaign):
    for id, position in ((1, 3), (2, 1), (3, 2)):
        factories.event(campaign, id, position=position, happened_at=factories.NOON - timedelta(days=id))
    assert follow(client) == follow(client, limit=1) == [2, 3, 1]


def test_an_event_without_a_position_is_not_in_the_feed_yet(client, campaign):
    factories.event(campaign, 1)
    assert client.get(FEED).json()["data"] == {"events": [], "cursor": 0, "more": False}


def test_the_cursor_stays_unchanged_without_new_events(client, campaign):
    factories.event(campaign, 1, position=5)
    assert client.get(f"{FEED}?since=5").json()["data"]["cursor"] == 5
    assert client.get(f"{FEED}?since=900").json()["data"]["cursor"] == 900


def test_the_feed_is_filtered_by_type_campaign_and_contact(client, campaign, acme_connection, acme):
    other, person = factories.campaign(acme_connection, "Other"), factories.contact(acme)
    factories.event(campaign, 1, "email_sent", position=1, contact=person)
    factories.event(campaign, 2, "email_opened", position=2)
    factories.event(other, 3, "email_clicked", position=3)
    assert follow(client, type="email_opened,email_clicked") == [2, 3]
    assert follow(client, campaign_id=other.pk) == [3]
    assert follow(client, contact_id=person.pk) == [1]


@pytest.mark.django_db(transaction=True)
def test_a_reader_misses_and_repeats_nothing_while_transactions_commit_in_another_order(api, customer, acme_connection):
    """The transaction that began first commits last. A reader that continues by id or time would miss its event; by position none is
    missed.
    """
    from instantly.processing.batch import number_events

    campaign = factories.campaign(acme_connection)
    client = api(customer)
    began, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            rls.enter(rls.SYSTEM)
            Event.objects.create(
                id=1,
                organization=campaign.organization,
                campaign=campaign,
                type="email_sent",
                happened_at=factories.NOON,
                connection_id=campaign.connection_id,
            )
            began.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(10)
    factories.event(campaign, 2)
    number_events()
    first = client.get(FEED).json()["data"]
    may_commit.set()
    thread.join(10)
    number_events()
    second = client.get(f"{FEED}?since={first['cursor']}").json()["data"]
    assert [event["id"] for event in first["events"]] == [2]
    assert [event["id"] for event in second["events"]] == [1]


# --- people -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def people(acme, campaign):
    at = factories.NOON
    factories.contact(
        acme, "anna@one.example", first_name="Anna", company="One GmbH", interest="lead_interested", replied_at=at
    )
    factories.contact(acme, "bert@two.example", last_name="Bauer", bounced_at=at, first_seen_at=at - timedelta(days=2))
    factories.contact(
        acme, "cleo@two.example", interest="lead_interested", staff_interest="lead_closed", unsubscribed_at=at
    )
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme, email="cleo@two.example", reason="unsubscribe", first_at=at, last_at=at
        )
        Suppression.objects.create(
            organization=acme, email="bert@two.example", reason="manual", first_at=at, last_at=at, lifted_at=at
        )
    factories.event(campaign, 1, contact=factories.contact(acme, "anna@one.example"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abc"),
        ("ordering=-email", "cba"),
        ("query=two.example", "bc"),
        ("query=GMBH", "a"),
        ("query=bauer", "b"),
        ("interest=lead_interested", "a"),
        ("interest=lead_closed", "c"),
        ("replied=true", "a"),
        ("replied=false", "bc"),
        ("bounced=true", "b"),
        ("unsubscribed=true", "c"),
        ("suppressed=true", "c"),
        ("suppressed=false", "ab"),
        ("until=2026-07-09", "b"),
        ("since=2026-07-09&replied=false", "c"),
    ],
)
def test_contact_filters(client, people, query, found):
    emails = [person["email"][0] for person in client.get(f"{CONTACTS}?{query}").json()["data"]["contacts"]]
    assert "".join(emails) == found


def test_people_of_a_campaign(client, people, campaign):
    found = client.get(f"{CONTACTS}?campaign_id={campaign.pk}").json()["data"]["contacts"]
    assert [person["email"] for person in found] == ["anna@one.example"]


def test_updated_since_filters_contacts(client, people, acme):
    stamp = client.get(f"{CONTACTS}?ordering=-updated_at").json()["data"]["contacts"][0]["updated_at"]
    factories.contact(acme, "bert@two.example", first_name="Berthold")
    changed = client.get(f"{CONTACTS}?updated_since={stamp}&ordering=-updated_at").json()["data"]["contacts"]
    assert changed[0]["email"] == "bert@two.example"


def test_staffs_verdict_beats_the_providers(client, people):
    verdicts = {person["email"][0]: person["interest"] for person in client.get(CONTACTS).json()["data"]["contacts"]}
    assert verdicts == {"a": "lead_interested", "b": None, "c": "lead_closed"}


def timeline(client, contact, **query) -> list[dict]:
    entries, before = [], None
    while True:
        page = client.get(f"{CONTACTS}/{contact}", {**query, **({"before": before} if before else {})}).json()["data"]
        entries += page["timeline"]
        before = page["next"]
        if before is None:
            return entries


def test_a_timeline_is_complete_and_latest_first(client, campaign, acme):
    person = identity.contact_id(acme.pk, "lead@lead.example")
    sent = factories.message(campaign, subject="Hello")
    factories.message(campaign, step=2, subject="Unknown to the log", happened_at=factories.NOON + timedelta(hours=3))
    for id, type, hours in ((1, "email_sent", 0), (2, "email_opened", 1), (3, "lead_interested", 2)):
        factories.event(
            campaign, id, type, contact_id=person, message=sent, happened_at=factories.NOON + timedelta(hours=hours)
        )
    entries = timeline(client, person)
    assert [entry["type"] for entry in entries] == ["message_sent", "lead_interested", "email_opened", "email_sent"]
    assert [entry["message"] and entry["message"]["subject"] for entry in entries] == [
        "Unknown to the log",
        None,
        None,
        "Hello",
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_timeline_in_parts_repeats_and_leaves_out_nothing(client, campaign, acme, limit):
    person = identity.contact_id(acme.pk, "lead@lead.example")
    for step in range(1, 5):
        factories.message(campaign, step=step, happened_at=factories.NOON)
    for id in range(1, 6):
        factories.event(
            campaign, id, "email_opened", contact_id=person, happened_at=factories.NOON + timedelta(seconds=id // 4)
        )
    entries = timeline(client, person, limit=limit)
    keys = [(entry["at"], entry["event_id"], entry["message"] and entry["message"]["id"]) for entry in entries]
    assert len(keys) == len(set(keys)) == 9
    assert [key[0] for key in keys] == sorted((key[0] for key in keys), reverse=True)


def test_a_contact_shows_its_suppressions_in_force(client, people, acme):
    person = client.get(f"{CONTACTS}/{identity.contact_id(acme.pk, 'cleo@two.example')}").json()["data"]
    assert [suppression["reason"] for suppression in person["suppressions"]] == ["unsubscribe"]
    lifted = client.get(f"{CONTACTS}/{identity.contact_id(acme.pk, 'bert@two.example')}").json()["data"]
    assert lifted["suppressions"] == []


def test_hostile_html_of_a_mail_is_nowhere_in_the_api(client, campaign):
    factories.message(campaign, body_html="<script>alert(1)</script>")
    assert "script" not in client.get(f"/api/instantly/campaign/{campaign.pk}/messages").content.decode()
