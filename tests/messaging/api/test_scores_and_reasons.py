"""Scores, next steps and reasons of categories in answers of the API."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import MessageCategory
from messaging.scores import scoring
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received, sent

pytestmark = pytest.mark.django_db
BASE = "/api/instantly"


@pytest.fixture
def ann(acme_connection):
    campaign, now = factories.campaign(acme_connection), datetime.now(UTC)
    contact = person(campaign, "ann")
    sent(campaign, contact, now - timedelta(days=2))
    message = received(campaign, contact, now - timedelta(days=1), "meeting", asks="call", words="Call me.")
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.filter(pk=message.pk).update(reason={"rule": "meeting.time", "quote": "Call me."})
    conversation(contact, now - timedelta(days=1), category="meeting")
    return contact


def test_a_contact_has_its_score_with_rows_and_its_next_step(api, customer, ann):
    data = api(customer).get(f"{BASE}/contacts/{ann.pk}").json()["data"]
    score, step = data["score"], data["next_step"]
    assert (score["band"], score["level"], score["excluded"]) == ("1", 1, "")
    assert score["points"] == sum(row["points"] for row in score["rows"]) > 0
    assert (step["state"], step["suggestion"], step["words"]) == ("ours", "call", "Call me.")


def test_a_conversation_says_why_a_reply_has_its_category(api, customer, ann):
    data = api(customer).get(f"{BASE}/conversations/{ann.pk}").json()["data"]
    mails = {mail["direction"]: mail for mail in data["messages"]}
    assert (mails["in"]["category"], mails["in"]["category_source"]) == ("meeting", "model")
    assert mails["in"]["category_reason"] == {"rule": "meeting.time", "quote": "Call me."}
    assert mails["out"]["category"] is None and mails["out"]["category_reason"] is None


def test_an_export_of_messages_has_their_categories(api, customer, ann):
    text = b"".join(api(customer).get(f"{BASE}/export/messages").streaming_content).decode()
    rows = {row["direction"]: row for row in map(json.loads, text.splitlines()) if "direction" in row}
    assert (rows["in"]["category"], rows["in"]["category_source"]) == ("meeting", "model")
    assert (rows["out"]["category"], rows["out"]["category_source"]) == (None, None)


def test_contacts_are_narrowed_to_a_band(api, customer, acme, ann):
    scoring.score_organization(acme.pk, now=datetime.now(UTC))
    client = api(customer)
    for band, count in (("1", 1), ("b2", 0), ("3", 0)):
        assert len(client.get(f"{BASE}/contacts", {"band": band}).json()["data"]["contacts"]) == count
