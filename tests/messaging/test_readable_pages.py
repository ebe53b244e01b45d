"""Pages of contacts, messages, events, deliveries: sentence on top, links, empty fields folded."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging.models import Event, Suppression
from salesbrain import rls
from tests import factories, staff_world
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection)
    return factories.campaign(acme_connection, "Q3")


def page(client: Client, name: str, key: object) -> str:
    answer = client.get(reverse(f"admin:{name}_change", args=[key]))
    assert answer.status_code == 200
    return answer.content.decode()


def about(text: str) -> str:
    """Return the sentence on top of a page, without its tags."""
    found = re.search(r'<p class="sb-sentence sb-about">(.*?)</p>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def parts(text: str) -> dict[str, list[str]]:
    """Return the fields of each collapsed part of a page by its heading."""
    found = {}
    for part in re.findall(r'<fieldset class="module aligned collapse".*?</fieldset>', text, re.DOTALL):
        heading = re.search(r'class="fieldset-heading">([^<]*)<', part)
        found[heading[1] if heading else ""] = re.findall(r'class="form-row field-(\w+)', part)
    return found


def test_a_contact_says_who_it_is_and_what_matters_most(client, acme):
    person = factories.contact(
        acme, "ann@lead.example", first_name="Ann", last_name="Lee", company="Lead Inc", replied_at=NOON, unsubscribed_at=NOON,
        interest="lead_interested",
    )  # fmt: skip
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme, email=person.email, reason="unsubscribe", first_at=NOON, last_at=NOON
        )
    said = about(page(client, "messaging_contact", person.pk))
    assert said == "Ann Lee at Lead Inc. Unsubscribed on 10 Jul 2026. Rated: Interested. May not be written to."


def test_a_contact_of_whom_nothing_is_known_says_so_and_folds_its_empty_fields(client, acme):
    text = page(client, "messaging_contact", factories.contact(acme, "bob@lead.example").pk)
    assert about(text) == "bob@lead.example. Has not replied yet."
    assert {"first_name", "company", "phone", "replied_at", "meeting_at"} <= set(parts(text)["Empty"])
    assert "staff_interest" not in parts(text)["Empty"], "what can be set is in its place"


def test_a_field_is_shown_once_and_none_is_lost(client, campaign):
    message = factories.message(campaign, opened_at=NOON)
    text = page(client, "messaging_message", message.pk)
    fields = re.findall(r'class="form-row field-(\w+)', text)
    assert len(fields) == len(set(fields))
    assert {"opened_at", "replied_at", "thread_id", "campaign", "body"} <= set(fields)
    assert "opened_at" not in parts(text)["Empty"] and "replied_at" in parts(text)["Empty"]


def test_a_contacts_page_leads_to_its_mails_events_campaign_and_conversation(client, campaign):
    message = factories.message(campaign)
    factories.event(campaign, 5, contact=message.contact, message=message)
    text = page(client, "messaging_contact", message.contact_id)
    own = f"organization__id__exact={campaign.organization_id}&amp;contact__id__exact={message.contact_id}"
    for address in (
        f"/admin/messaging/message/?{own}", f"/admin/messaging/event/?{own}", f"/admin/messaging/message/{message.pk}/change/",
        f"/admin/campaigns/campaign/{campaign.pk}/change/",
    ):  # fmt: skip
        assert address in text and client.get(address.replace("&amp;", "&")).status_code == 200, address
    assert "/inbox/" not in text
    factories.conversation(message.contact)
    assert f"/inbox/{message.contact_id}" in page(client, "messaging_contact", message.contact_id)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Sent to lead@lead.example from sender@sender.example on 10 Jul 2026, 12:00. Step 1, variant 1 of the sequence."),
        ({}, "No answer yet."),
        ({"replied_at": NOON}, "It was answered."),
        ({"bounced_at": NOON}, "It came back."),
        ({"direction": "in"}, "Received from lead@lead.example at sender@sender.example on 10 Jul 2026, 12:00."),
        ({"direction": "in", "is_auto_reply": True}, "A program wrote it."),
        ({"email_account": None}, "from an unknown mailbox"),
    ],
    ids=["sent", "without answer", "answered", "bounced", "received", "automatic", "unknown mailbox"],
)  # fmt: skip
def test_a_message_says_what_became_of_it(client, campaign, fields, said):
    assert said in about(page(client, "messaging_message", factories.message(campaign, **fields).pk))


def test_a_message_leads_to_mailbox_events_and_other_mails(client, campaign):
    message = factories.message(campaign)
    factories.event(campaign, 5, contact=message.contact, message=message)
    factories.event(campaign, 6, contact=message.contact)
    text = page(client, "messaging_message", message.pk)
    assert "/admin/messaging/event/5/change/" in text and "/admin/messaging/event/6/" not in text
    assert ">sender@sender.example</a>" in text and "All mails with this person" in text


def test_an_event_leads_to_its_delivery_where_it_has_one(client, campaign, acme_connection):
    with rls.scope(rls.SYSTEM):
        delivery = staff_world.delivery(acme_connection, 1)
    factories.event(campaign, delivery.pk)
    factories.event(campaign, -5)
    assert f"/admin/instantly/delivery/{delivery.pk}/change/" in page(client, "messaging_event", delivery.pk)
    assert "/admin/instantly/delivery/-5" not in page(client, "messaging_event", -5)


def test_a_recorded_delivery_leads_to_everything_it_made(client, campaign, acme_connection):
    with rls.scope(rls.SYSTEM):
        delivery = staff_world.delivery(acme_connection, 1)
    message = factories.message(campaign)
    factories.event(campaign, delivery.pk, contact=message.contact, message=message)
    text = page(client, "instantly_delivery", delivery.pk)
    assert about(text).endswith("Recorded as “Email sent” for Acme.") and "“email_sent” of acme" in about(text)
    for address in (
        f"/admin/messaging/event/{delivery.pk}/change/", f"/admin/messaging/message/{message.pk}/change/",
        f"/admin/messaging/contact/{message.contact_id}/change/", f"/admin/campaigns/campaign/{campaign.pk}/change/",
        f"/admin/accounts/providerconnection/{acme_connection.pk}/change/",
    ):  # fmt: skip
        assert address in text, address
    assert parts(text)["Payload"] == ["payload_json"]


def test_a_copy_names_the_event_that_counts(client, campaign, acme_connection):
    with rls.scope(rls.SYSTEM):
        delivery = staff_world.delivery(acme_connection, 1)
    factories.event(campaign, 99_000)
    factories.event(campaign, delivery.pk, copy_of=99_000)
    assert about(page(client, "instantly_delivery", delivery.pk)).endswith("It repeats #99000, which counts for both.")


FRAME = 2
"""Statements of the test's savepoint around a request, in place of BEGIN and COMMIT."""
HOSTILE = '<script>document.title="pwned"</script><img src=x onerror=alert(1)>'


def test_texts_of_strangers_are_escaped_in_sentences_and_links(client, campaign, acme_connection):
    person = factories.contact(
        acme_connection.organization, "mallory@evil.example", first_name=HOSTILE, company=HOSTILE, interest=HOSTILE
    )
    message = factories.message(campaign, "mallory@evil.example", subject=HOSTILE, email_account=HOSTILE)
    with rls.scope(rls.SYSTEM):
        delivery = staff_world.delivery(acme_connection, 1, campaign=HOSTILE)
        type(delivery).objects.filter(pk=delivery.pk).update(event_type=HOSTILE)
    factories.event(campaign, delivery.pk, "custom", detail=HOSTILE, contact=person, message=message)
    with rls.scope(rls.SYSTEM):
        assert Event.objects.count() == 1
    for name, key in (
        ("messaging_contact", person.pk), ("messaging_message", message.pk), ("instantly_delivery", delivery.pk),
        ("messaging_event", delivery.pk),
    ):  # fmt: skip
        text = page(client, name, key)
        assert "<script>document" not in text and "<img src=x" not in text, name


@pytest.mark.parametrize("name", ["messaging_contact", "messaging_message", "instantly_delivery", "messaging_event"])
def test_such_a_page_costs_a_bounded_number_of_statements(client, campaign, acme_connection, name):
    with rls.scope(rls.SYSTEM):
        delivery = staff_world.delivery(acme_connection, 1)
    message = factories.message(campaign)
    factories.event(campaign, delivery.pk, contact=message.contact, message=message)
    factories.conversation(message.contact)
    keys = {"messaging_contact": message.contact_id, "messaging_message": message.pk}
    page(client, name, keys.get(name, delivery.pk))
    with CaptureQueriesContext(connection) as captured:
        page(client, name, keys.get(name, delivery.pk))
    few = len(captured)
    for number in range(100, 110):
        factories.event(campaign, number, contact=message.contact, message=message)
    with CaptureQueriesContext(connection) as captured:
        page(client, name, keys.get(name, delivery.pk))
    assert len(captured) <= few <= 16 + FRAME, "\n".join(query["sql"][:150] for query in captured.captured_queries)
