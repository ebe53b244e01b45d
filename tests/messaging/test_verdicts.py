"""Staff's decision on a contact's interest: event log, timeline, feed and page."""

import re
from datetime import timedelta
from importlib import import_module
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from instantly.erasure import erase_contact
from instantly.webhooks.store import store_raw
from messaging.events import STAFF_LABEL
from messaging.models import Contact, Event
from messaging.verdicts import set_verdict
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db
FEED = "/api/instantly/events"
SAID = ("lead_interested", "Calls back in May", None)


def give_verdicts(contact, operator, *verdicts) -> None:
    """Set one verdict per hour, from one o'clock on."""
    for hour, verdict in enumerate(verdicts, start=1):
        assert set_verdict(contact, verdict, now=NOON + timedelta(hours=hour), actor=operator)


def log() -> list[tuple[str, str | None, str]]:
    with rls.scope(rls.SYSTEM):
        return list(Event.objects.order_by("id").values_list("detail", "interest", "origin"))


def test_set_changed_and_cleared_are_each_an_event_with_its_time(acme, operator):
    contact = factories.contact(acme)
    give_verdicts(contact, operator, *SAID)
    assert not set_verdict(contact, " ", now=NOON, actor=operator), "is cleared already"
    assert log() == [
        ("lead_interested", "lead_interested", "staff"),
        ("Calls back in May", "Calls back in May", "staff"),
        ("", None, "staff"),
    ]
    with rls.scope(rls.SYSTEM):
        told = Event.objects.earliest("id")
    assert (told.type, told.happened_at, told.contact_id) == ("staff_verdict", NOON + timedelta(hours=1), contact.pk)
    assert (told.connection_id, told.campaign_id, told.lead_email) == (None, None, contact.email)


def test_event_ids_of_staff_events_never_collide_with_deliveries(acme_connection, operator):
    contact = factories.contact(acme_connection.organization)
    numbers = []
    for turn, verdict in enumerate(SAID):
        numbers.append(store_raw(acme_connection.pk, b'{"event_type": "email_sent", "step": %d}' % turn))
        set_verdict(contact, verdict, now=NOON, actor=operator)
    with rls.scope(rls.SYSTEM):
        said = list(Event.objects.order_by("id").values_list("id", flat=True))
    assert sorted(numbers + said) == [number for pair in zip(numbers, said, strict=True) for number in pair]


def test_the_timeline_shows_verdicts_among_provider_events(api, customer, acme_connection, operator):
    contact = factories.contact(acme_connection.organization)
    give_verdicts(contact, operator, "lead_closed", None)
    factories.event(
        factories.campaign(acme_connection),
        -1,
        "lead_not_interested",
        contact=contact,
        happened_at=NOON + timedelta(hours=1.5),
    )
    data = api(customer).get(f"/api/instantly/contacts/{contact.pk}").json()["data"]
    assert [(entry["type"], entry["detail"]) for entry in data["timeline"]] == [
        ("staff_verdict", ""),
        ("lead_not_interested", ""),
        ("staff_verdict", "lead_closed"),
    ]


def test_the_feed_has_verdicts_in_order_and_for_their_organization_only(api, customer, stranger, acme, operator):
    contact = factories.contact(acme)
    give_verdicts(contact, operator, *SAID)
    asked = {"type": "staff_verdict"}
    told = api(customer).get(FEED, asked).json()["data"]["events"]
    assert [(event["interest"], event["origin"], event["contact_id"]) for event in told] == [
        (verdict, "staff", str(contact.pk)) for verdict in SAID
    ]
    assert api(stranger).get(FEED).json()["data"]["events"] == []
    assert api(stranger).get(f"/api/instantly/contacts/{contact.pk}").status_code == 404


def test_staff_read_it_on_the_contacts_page_and_in_the_log(operator, acme):
    contact = factories.contact(acme)
    give_verdicts(contact, operator, "lead_meeting_booked", "VIP", None)
    client = Client()
    client.force_login(operator)
    page = client.get(reverse("admin:messaging_contact_change", args=[contact.pk])).content.decode()
    timeline = page[page.index("sb-timeline") :]
    for hour, words in ((13, "Meeting booked"), (14, "VIP"), (15, "withdrawn")):
        assert re.search(rf"<td>2026-07-10 {hour}:00</td><td><a [^>]*>Rating by the agency: {words}</a></td>", timeline)
    assert "Rating by the agency: VIP" in client.get(reverse("admin:messaging_event_changelist")).content.decode()


def test_of_an_erased_person_no_label_that_staff_typed_is_left(acme, operator):
    contact = factories.contact(acme, "bob@lead.example")
    give_verdicts(contact, operator, "lead_interested", "Bob of the chess club", None, "Bob again")
    erase_contact(organization=acme, email="bob@lead.example", now=NOON, actor_name="test")
    assert [detail for detail, *_ in log()] == ["lead_interested", STAFF_LABEL, "", STAFF_LABEL]
    with rls.scope(rls.SYSTEM):
        anonymous, events = Contact.objects.get(), list(Event.objects.values())
    assert anonymous.staff_interest == STAFF_LABEL and {event["contact_id"] for event in events} == {anonymous.pk}
    assert "bob" not in str(events).lower()


@pytest.mark.django_db(transaction=True)
def test_earlier_verdicts_are_logged_once_by_the_migration(acme):
    factories.contact(acme, "silent@lead.example")
    factories.contact(acme, "known@lead.example", staff_interest="VIP", staff_interest_at=NOON)
    migration = import_module("instantly.migrations.0012_told_verdicts")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as owner:
        owner.execute(migration.SCOPE, ["sb_admin"])
        owner.execute(migration.FORWARDS)
    with rls.scope(rls.SYSTEM):
        told = Event.objects.select_related("contact").get()
    assert (told.contact.email, told.detail, told.interest) == ("known@lead.example", "VIP", "VIP")
    assert (told.type, told.origin, told.happened_at) == ("staff_verdict", "staff", NOON)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as owner:
        owner.execute(migration.SCOPE, ["sb_admin"])
        owner.execute(migration.BACKWARDS)
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_a_verdict_during_an_erasure_is_anonymous(acme, operator):
    contact = factories.contact(acme, "bob@lead.example")
    erase_contact(organization=acme, email="first@lead.example", now=NOON)  # from now on there is somebody to look up
    erase_contact(organization=acme, email="bob@lead.example", now=NOON)
    again = factories.contact(acme, "bob@lead.example")
    assert again.pk == contact.pk
    said, may_commit = Signal(), Signal()

    def speak() -> None:
        with transaction.atomic():
            set_verdict(again, "Bob of the chess club", now=NOON, actor=operator)
            said.set()
            may_commit.wait(20)
        connection.close()

    def erase() -> None:
        erase_contact(organization=acme, email="bob@lead.example", now=NOON)
        connection.close()

    speaker, eraser = Thread(target=speak), Thread(target=erase)
    speaker.start()
    assert said.wait(20)
    eraser.start()
    until_somebody_waits_for_a_lock()
    may_commit.set()
    for thread in (speaker, eraser):
        thread.join(20)
    assert [detail for detail, *_ in log()] == [STAFF_LABEL]
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get().email.endswith("@erased.invalid")
