"""Changes of conversations over the API: same rules as the services, statuses, no double effect."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.models import AccessEntry
from messaging.models import ContactLabel, Conversation, Note, OutboxMessage, Snippet, Suppression
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered

pytestmark = pytest.mark.django_db
BASE = "/api/instantly"


@pytest.fixture
def replied(acme_connection):
    """Create a reply to an email account that can send."""
    factories.email_account(acme_connection)
    campaign = factories.campaign(acme_connection)
    delivered(campaign, "reply_received", "10:00", email_id="mail-1")
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get()


@pytest.fixture
def member(acme):
    return factories.customer("member@acme.example", acme, role=MembershipRole.MEMBER)


def url(row, action):
    return f"{BASE}/conversations/{row.pk}/{action}"


def reply_to(client, row, **body):
    return client.post(url(row, "reply"), {"text": "Thursday it is.", "version": row.version, **body}, format="json")


def outbox():
    with rls.scope(rls.SYSTEM):
        return list(OutboxMessage.objects.order_by("created_at"))


def test_a_reply_is_queued_and_shown_with_the_conversation(api, member, replied):
    answer = reply_to(api(member), replied, undo_seconds=60)
    assert answer.status_code == 201, answer.content
    data = answer.json()["data"]
    assert (data["state"], data["conversation_id"], data["email_account"]) == (
        "queued", str(replied.pk), "sender@sender.example",
    )  # fmt: skip
    detail = api(member).get(f"{BASE}/conversations/{replied.pk}").json()["data"]
    assert [row["id"] for row in detail["replies"]] == [data["id"]]
    assert api(member).get(f"{BASE}/replies/{data['id']}").json()["data"] == data
    undone = api(member).post(f"{BASE}/replies/{data['id']}/undo")
    assert undone.json()["data"]["state"] == "draft"
    assert api(member).get(f"{BASE}/conversations/{replied.pk}").json()["data"]["replies"] == []


def test_the_same_key_is_one_reply_without_the_table_that_a_crash_empties(api, member, replied):
    client, key = api(member), str(uuid4())
    first, second = (
        client.post(
            url(replied, "reply"),
            {"text": "Hello", "version": replied.version},
            format="json",
            headers={"Idempotency-Key": key},
        )
        for _ in range(2)
    )
    assert (first.status_code, first.json()) == (201, second.json())
    assert len(outbox()) == 1
    other = client.post(
        url(replied, "reply"),
        {"text": "Other", "version": replied.version},
        format="json",
        headers={"Idempotency-Key": key},
    )
    assert (other.status_code, other.json()["code"]) == (409, "key_used")


@pytest.mark.parametrize("key", [pytest.param("", id="an empty key"), pytest.param("k" * 256, id="a long key")])
def test_an_invalid_idempotency_key_is_400(api, member, replied, key):
    answer = api(member).post(
        url(replied, "reply"),
        {"text": "Hello", "version": replied.version},
        format="json",
        headers={"Idempotency-Key": key},
    )
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert outbox() == []


def test_a_queued_reply_changes_the_conversations_version(api, member, replied):
    since = timezone.now().isoformat()
    follow = f"{BASE}/conversations?ordering=updated_at"
    assert api(member).get(follow, {"updated_since": since}).json()["count"] == 0
    reply_to(api(member), replied)
    assert api(member).get(follow, {"updated_since": since}).json()["count"] == 1


def test_a_colleagues_reply_is_answered_409_with_what_it_says(api, member, customer, replied):
    reply_to(api(member), replied, text="From the member")
    answer = reply_to(api(customer), replied)
    assert (answer.status_code, answer.json()["code"]) == (409, "newer_mail")
    newer = answer.json()["newer"]
    assert (newer["kind"], newer["who"], newer["excerpt"]) == ("on_the_way", "member@acme.example", "From the member")
    german = api(customer)
    said = german.post(
        url(replied, "reply"),
        {"text": "x", "version": replied.version},
        format="json",
        headers={"Accept-Language": "de"},
    )
    assert "ist schon unterwegs" in said.json()["detail"]
    assert reply_to(api(customer), replied, version=newer["version"], anyway=True).status_code == 201


def test_an_old_version_is_409_and_a_suppressed_person_too(api, member, acme, replied):
    answer = reply_to(api(member), replied, version=replied.version + 1)
    assert answer.json()["code"] == "newer_mail" and answer.json()["newer"]["kind"] == "mail"
    with rls.scope(rls.SYSTEM):
        now = timezone.now()
        Suppression.objects.create(
            organization=acme, email="lead@lead.example", reason="manual", first_at=now, last_at=now
        )
    answer = reply_to(api(member), replied)
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_send")
    assert "lead@lead.example" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"text": ""}, id="no text"),
        pytest.param({"version": "1"}, id="a version that is a text"),
        pytest.param({"cc": ["nobody"]}, id="a copy to no address"),
        pytest.param({"undo_seconds": 3}, id="no time for an undo"),
        pytest.param({"send_at": "2020-01-01T00:00:00Z"}, id="in the past"),
        pytest.param({"bcc": []}, id="a field that does not exist"),
    ],
)
def test_an_invalid_reply_is_400(api, member, replied, body):
    answer = reply_to(api(member), replied, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.content
    assert outbox() == []


def test_an_observer_a_stranger_and_a_reading_token_change_nothing(api, acme, replied, stranger, viewer):
    observer = factories.customer("observer@acme.example", acme, role=MembershipRole.OBSERVER)
    row = factories.outbox_message(factories.contact(acme), observer)
    bodies = {
        "snooze": {"until": "2199-01-01T00:00:00Z"}, "done": {}, "reopen": {}, "assign": {"assignee_id": None}, "label": {"name": "x"},
        "unlabel": {"name": "x"}, "note": {"text": "x"}, "category": {"category": "meeting"}, "reply": {"text": "x", "version": 1},
    }  # fmt: skip
    asked = [(url(replied, action), body) for action, body in bodies.items()]
    asked += [(f"{BASE}/replies/{row.pk}/{action}", {}) for action in ("undo", "retry")]
    asked.append((f"{BASE}/replies/{row.pk}/resolve", {"was_sent": True}))
    for path, body in asked:
        assert api(observer).post(path, body, format="json").status_code == 403, path
        assert api(stranger).post(path, body, format="json").status_code == 404, path
        staff = api(viewer).post(f"{path}?organization_id={acme.pk}", body, format="json")
        assert staff.status_code == 403, path
    assert api(stranger).get(f"{BASE}/replies/{row.pk}").status_code == 404
    assert api(observer).post(f"{BASE}/snippets", {"name": "x", "text": "x"}, format="json").status_code == 403
    with rls.scope(rls.SYSTEM):
        assert [row.state for row in OutboxMessage.objects.all()] == ["queued"]


def test_state_assignee_labels_and_notes_change_as_on_the_page(api, member, replied):
    client = api(member)
    until = (timezone.now() + timedelta(days=2)).isoformat()
    for action, body, key, value in (
        ("snooze", {"until": until}, "state", "snoozed"),
        ("done", {"reason": "not_interested"}, "done_reason", "not_interested"),
        ("reopen", {}, "state", "open"),
        ("assign", {"assignee_id": str(member.pk)}, "assignee_id", str(member.pk)),
        ("label", {"name": "Big deal"}, "labels", ["Big deal"]),
        ("unlabel", {"name": "Big deal"}, "labels", []),
        ("note", {"text": "Calls back"}, "id", str(replied.pk)),
    ):
        answer = client.post(url(replied, action), body, format="json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["data"][key] == value, action
    with rls.scope(rls.SYSTEM):
        assert Note.objects.get().text == "Calls back" and not ContactLabel.objects.exists()


def test_a_repeated_note_with_the_same_key_is_one_note(api, member, replied):
    client = api(member)
    for _ in range(2):
        answer = client.post(
            url(replied, "note"), {"text": "Once"}, format="json", headers={"Idempotency-Key": "note-1"}
        )
        assert answer.status_code == 200
    with rls.scope(rls.SYSTEM):
        assert Note.objects.count() == 1


def test_a_failed_reply_is_retried_and_an_unknown_one_decided(api, member, replied):
    identifier = reply_to(api(member), replied).json()["data"]["id"]
    client = api(member)
    assert client.post(f"{BASE}/replies/{identifier}/retry", {}, format="json").json()["code"] == "cannot_retry"
    assert (
        client.post(f"{BASE}/replies/{identifier}/resolve", {"was_sent": True}, format="json").json()["code"]
        == "nothing_to_decide"
    )
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="failed")
    assert client.post(f"{BASE}/replies/{identifier}/retry", {}, format="json").json()["data"]["state"] == "queued"
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="unknown", sending_at=timezone.now())
    done = client.post(f"{BASE}/replies/{identifier}/resolve", {"was_sent": False}, format="json")
    assert done.json()["data"]["state"] == "draft"


def test_owners_write_snippets_and_an_unknown_variable_is_named(api, customer, member):
    owner = api(customer)
    refused = owner.post(f"{BASE}/snippets", {"name": "A", "text": "Hi {vorname}"}, format="json")
    assert (
        refused.status_code == 400
        and "{vorname}" in refused.json()["detail"]
        and "{first_name}" in refused.json()["detail"]
    )
    made = owner.post(f"{BASE}/snippets", {"name": "A", "text": "Hi {first_name}"}, format="json")
    assert made.status_code == 201
    key = made.json()["data"]["id"]
    assert owner.post(f"{BASE}/snippets", {"name": "A", "text": "x"}, format="json").json()["code"] == "snippet_exists"
    assert api(member).patch(f"{BASE}/snippets/{key}", {"text": "x"}, format="json").status_code == 403
    assert owner.patch(f"{BASE}/snippets/{key}", {"text": "Hello {company}"}, format="json").status_code == 200
    listed = api(member).get(f"{BASE}/snippets").json()["data"]["snippets"]
    assert [(row["name"], row["text"]) for row in listed] == [("A", "Hello {company}")]
    assert owner.delete(f"{BASE}/snippets/{key}").status_code == 204
    with rls.scope(rls.SYSTEM):
        assert not Snippet.objects.exists()


def test_reading_a_conversation_over_the_api_is_in_the_access_log_and_the_list_is_not(api, member, replied):
    api(member).get(f"{BASE}/conversations")
    with rls.scope(rls.SYSTEM):
        assert not AccessEntry.objects.exists()
    for _ in range(2):
        api(member).get(f"{BASE}/conversations/{replied.pk}")
    with rls.scope(rls.SYSTEM):
        entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.action, entry.conversation_id) == (member.pk, "read", replied.pk)
