"""Page of follow-ups and next step of a contact: rows, filters, CSV, decisions, roles, API."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from accounts.choices import MembershipRole
from messaging.models import Conversation, SuggestionDecision
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received, sent
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
WORDS = "What does it cost?"
API = "/api/instantly/follow-ups"


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign):
    contact = person(campaign, "ann", first_name="Ann", company="Atlas")
    received(campaign, contact, ago(1), "question", asks="reply", words=WORDS)
    conversation(contact, ago(1), category="question")
    return contact


@pytest.fixture
def bob(campaign):
    """Create Bob, a contact who is away for ten more days."""
    contact = person(campaign, "bob")
    sent(campaign, contact, ago(2))
    on = (datetime.now(UTC) + timedelta(days=10)).date()
    received(campaign, contact, ago(2), "out_of_office", asks="away", on=on, is_auto_reply=True)
    conversation(contact, ago(2), state="waiting", category="out_of_office", waiting_since=None)
    return contact


def names(page) -> list[str]:
    return [each["contact"].email.partition("@")[0] for each in page.context["shown"].rows]


def act(client, contact, action, organization=None, **given):
    (row,) = [
        each for each in client.get("/follow-ups?show=all").context["shown"].rows if each["contact"].contact_id == contact.pk
    ]  # fmt: skip
    data = {"organization": str(contact.organization_id), "contact": str(contact.pk), "key": row["up"].key}
    return client.post("/follow-ups/act", {**data, "action": action, **given})


def decided() -> list[tuple[str, str]]:
    with rls.scope(rls.SYSTEM):
        return list(SuggestionDecision.objects.values_list("decision", "why"))


def test_the_page_says_whom_to_write_to_when_and_why(customer, ann, bob):
    page = client_of(customer).get("/follow-ups")
    assert names(page) == ["ann", "bob"]
    html = page.content.decode()
    for text in ("Answer", "today", "Wrote last and has no answer", WORDS, "Write again on that day", "Remind me then"):
        assert text in html, text


def test_filters_are_in_the_address_and_an_unknown_one_is_refused(customer, ann, bob):
    client = client_of(customer)
    assert names(client.get("/follow-ups?state=away")) == ["bob"]
    assert names(client.get("/follow-ups?kind=answer")) == ["ann"]
    assert names(client.get("/follow-ups?show=decided")) == []
    assert client.get("/follow-ups?state=cold").content.decode().count("Nobody fits") == 1
    assert client.get("/follow-ups?state=nonsense").status_code == 400


def test_an_empty_page_says_what_will_appear(customer):
    assert "Nothing to follow up" in client_of(customer).get("/follow-ups").content.decode()


def test_the_csv_has_the_rows_that_are_shown(customer, ann, bob):
    text = client_of(customer).get("/follow-ups?format=csv&state=ours").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Email"], row["State"], row["Their words"]) == ("ann@lead.example", "Ours to answer", WORDS)


def test_one_click_accepts_and_leads_to_the_conversation(customer, ann):
    answer = act(client_of(customer), ann, "accepted")
    assert answer["Location"] == f"/inbox/{ann.pk}" and decided() == [("accepted", "")]


def test_a_later_day_is_a_reminder(customer, bob):
    client = client_of(customer)
    assert act(client, bob, "accepted", is_later="1")["Location"] == "/follow-ups"
    with rls.scope(rls.SYSTEM):
        assert Conversation.objects.get(pk=bob.pk).state == "snoozed"
    assert names(client.get("/follow-ups")) == []


def test_a_dismissal_needs_a_reason_and_can_be_taken_back(customer, ann):
    client = client_of(customer)
    act(client, ann, "dismissed")
    assert decided() == []
    act(client, ann, "dismissed", why="misread")
    assert decided() == [("dismissed", "misread")] and names(client.get("/follow-ups")) == []
    assert names(client.get("/follow-ups?show=decided")) == ["ann"]
    act(client, ann, "take_back")
    assert decided() == [] and names(client.get("/follow-ups")) == ["ann"]


def test_an_old_suggestion_changes_nothing(customer, ann):
    data = {"organization": str(ann.organization_id), "contact": str(ann.pk), "key": "old", "action": "accepted"}
    page = client_of(customer).post("/follow-ups/act", data, follow=True)
    assert "does not hold any more" in page.content.decode() and decided() == []


def test_an_observer_reads_and_decides_nothing(acme, ann):
    client = client_of(factories.customer("o@acme.example", acme, role=MembershipRole.OBSERVER))
    page = client.get("/follow-ups")
    assert names(page) == ["ann"] and 'value="accepted"' not in page.content.decode()
    act(client, ann, "accepted")
    assert decided() == []


def test_another_organizations_user_sees_no_follow_ups(stranger, ann, globex):
    client = client_of(stranger)
    assert names(client.get("/follow-ups")) == []
    data = {"organization": str(globex.pk), "contact": str(ann.pk), "key": "x", "action": "accepted"}
    assert client.post("/follow-ups/act", data).status_code == 404


def test_staff_see_all_organizations_without_texts(operator, ann):
    html = client_of(operator).get("/follow-ups").content.decode()
    assert "ann@lead.example" in html or "Ann" in html
    assert WORDS not in html and ">Acme<" in html


def test_a_switched_off_kind_is_named_and_an_owner_switches_it_on(customer, acme, ann):
    for number in range(12):
        with rls.scope(rls.SYSTEM):
            SuggestionDecision.objects.create(
                organization=acme, contact=ann, key=str(number), kind="answer", decision="dismissed", decided_at=ago(3)
            )
    client = client_of(customer)
    page = client.get("/follow-ups")
    assert names(page) == [] and "12 of the last 20 such suggestions" in page.content.decode()
    data = {"organization": str(acme.pk), "action": "switch_on", "whose": str(acme.pk), "kind": "answer"}
    assert client.post("/follow-ups/act", data, follow=True).status_code == 200
    assert names(client.get("/follow-ups")) == ["ann"]


def test_a_contacts_page_shows_the_next_step_and_comes_back_to_itself(customer, ann, bob):
    client = client_of(customer)
    html = client.get(f"/contacts/{ann.pk}").content.decode()
    assert "Next step" in html and WORDS in html and 'value="dismissed"' in html
    back = act(client, ann, "dismissed", why="other", next=f"/contacts/{ann.pk}")
    assert back["Location"] == f"/contacts/{ann.pk}"


def test_the_page_is_german_for_who_reads_german(customer, ann):
    customer.language = "de"
    customer.save()
    html = client_of(customer).get("/follow-ups").content.decode()
    assert "Wiedervorlage" in html and "heute" in html


# --- the API ------------------------------------------------------------------------------------------------------------


def test_the_api_answers_what_the_page_shows_and_decides_alike(customer, api, ann, bob):
    client = api(customer)
    data = client.get(API).json()["data"]
    assert [row["contact"]["email"] for row in data["follow_ups"]] == ["ann@lead.example", "bob@lead.example"]
    first = data["follow_ups"][0]
    assert (first["state"], first["reason"], first["suggestion"], first["words"]) == (
        "ours", "unanswered_reply", "answer", WORDS,
    )  # fmt: skip
    assert (data["count"], data["is_cut"], data["switched_off"]) == (2, False, [])
    address = f"{API}/{ann.pk}"
    body = {"key": first["key"], "decision": "dismissed", "why": "misread"}
    assert client.post(f"{address}/decide", body, format="json").json()["data"] == {"changed": True}
    assert client.post(f"{address}/decide", body, format="json").json()["data"] == {"changed": False}
    assert client.get(API, {"show": "decided"}).json()["data"]["follow_ups"][0]["why"] == "misread"
    assert client.post(f"{address}/take-back", {"key": first["key"]}, format="json").json()["data"] == {"changed": True}
    old = client.post(f"{address}/decide", {**body, "key": "old"}, format="json")
    assert (old.status_code, old.json()["code"]) == (409, "old_suggestion")
    wrong = client.post(f"{address}/decide", {**body, "why": ""}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid")


def test_strangers_and_observers_change_nothing_over_the_api(stranger, acme, api, ann):
    observer = factories.customer("o@acme.example", acme, role=MembershipRole.OBSERVER)
    body = {"key": "x", "decision": "accepted"}
    assert api(stranger).post(f"{API}/{ann.pk}/decide", body, format="json").status_code == 404
    assert api(observer).post(f"{API}/{ann.pk}/decide", body, format="json").status_code == 403
    assert api(observer).post(f"{API}/switch-on", {"kind": "answer"}, format="json").status_code == 403
    assert api(stranger).get(API).json()["data"]["follow_ups"] == []
