"""Replying on a conversation's page: drafts, sending, mails that arrived meanwhile, undo."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, OutboxMessage, Snippet, Suppression
from salesbrain import rls
from salesbrain.kernel.messages import message
from tests import factories
from tests.messaging.web.test_inbox import PART, ann, campaign, observer, replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
__all__ = ["ann", "campaign"]


def post(client, row: Conversation, action: str, *, script: bool = True, **given: str):
    data = {"organization": str(row.organization_id), "action": action, "version": str(row.version), **given}
    return client.post(f"/inbox/{row.pk}/reply", data, headers=PART if script else {})


def outbox() -> list[OutboxMessage]:
    with rls.scope(rls.SYSTEM):
        return list(OutboxMessage.objects.order_by("created_at"))


def put(row: OutboxMessage, **values) -> None:
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.filter(pk=row.pk).update(**values)


def test_a_reply_is_queued_once_and_stands_in_the_thread(customer, ann):
    client = client_of(customer)
    for _ in range(2):  # a double click
        answer = post(client, ann, "send", text="Thank you")
        assert answer.status_code == 200
    assert [row.state for row in outbox()] == ["queued"]
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert page.count("Thank you") == 1 and "Waiting to be sent" in page and "data-countdown" in page
    assert len(client.get(f"/inbox/{ann.pk}").context["replies"]) == 1


def test_without_a_script_the_form_leads_back(customer, ann):
    answer = post(client_of(customer), ann, "send", script=False, text="Thank you")
    assert (answer.status_code, answer["Location"]) == (302, f"/inbox/{ann.pk}")
    assert len(outbox()) == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "form"])
def test_a_mail_that_came_meanwhile_is_shown_and_sending_anyway_is_another_click(customer, campaign, ann, script):
    client = client_of(customer)
    replied(campaign, "ann@atlas.example", "11:00")
    refused = post(client, ann, "send", script=script, text="Thank you")
    page = refused.content.decode()
    assert refused.status_code == 409 and outbox() == []
    assert (
        "wrote meanwhile" in page
        and "Yes, at 11:00" in page
        and "Send anyway" in page
        and "Thank you</textarea>" in page
    )
    version = refused.context["newer"].version
    sent = post(client, ann, "send", script=script, text="Thank you", version=str(version), anyway="1")
    assert sent.status_code in (200, 302) and [row.state for row in outbox()] == ["queued"]


def test_a_typed_text_is_kept_as_a_draft(customer, operator, acme, ann):
    client = client_of(customer)
    assert post(client, ann, "draft", text="Half a sent").status_code == 204
    assert "Half a sent</textarea>" in client.get(f"/inbox/{ann.pk}").content.decode()
    colleague = client_of(operator)
    colleague.post("/switch", {"organization": str(acme.pk)})
    assert "Half a sent" not in colleague.get(f"/inbox/{ann.pk}").content.decode(), "a draft is its author's"
    post(client, ann, "draft", text=" ")
    assert outbox() == []


def test_an_undo_makes_the_reply_a_draft_again(customer, ann):
    client = client_of(customer)
    post(client, ann, "send", text="Too early")
    (row,) = outbox()
    answer = post(client, ann, "undo", reply=str(row.pk))
    assert "Too early</textarea>" in answer.content.decode() and outbox()[0].state == "draft"


def test_a_reply_is_scheduled_by_a_typed_time(customer, ann):
    client = client_of(customer)
    refused = post(client, ann, "send", text="Later", when="soonish")
    assert refused.status_code == 422 and "is not understood as a time" in refused.content.decode() and outbox() == []
    post(client, ann, "send", text="Later", when="in 2 weeks")
    (row,) = outbox()
    assert row.send_at is not None and row.send_at > timezone.now() + timedelta(days=13)


def test_cc_addresses_are_checked(customer, ann):
    client = client_of(customer)
    assert post(client, ann, "send", text="Hi", cc="no address").status_code == 422
    post(client, ann, "send", text="Hi", cc="one@lead.example; two@lead.example")
    assert outbox()[0].cc == ["one@lead.example", "two@lead.example"]


def test_a_failed_reply_says_why_and_can_be_retried(customer, ann):
    client = client_of(customer)
    post(client, ann, "send", text="Thank you")
    (row,) = outbox()
    put(row, state="failed", reason=message("reply.broken"))
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert "Not sent" in page and "Something broke on our side" in page and "Try again" in page
    post(client, ann, "retry", reply=str(row.pk))
    assert outbox()[0].state == "queued"


@pytest.mark.parametrize(("was_sent", "state"), [("yes", "sent"), ("no", "draft")])
def test_a_person_resolves_a_reply_of_unknown_outcome(customer, ann, was_sent, state):
    client = client_of(customer)
    post(client, ann, "send", text="Thank you")
    put(outbox()[0], state="unknown", sending_at=timezone.now())
    assert "was it sent?" in client.get(f"/inbox/{ann.pk}").content.decode()
    post(client, ann, "resolve", reply=str(outbox()[0].pk), was_sent=was_sent)
    assert outbox()[0].state == state


def test_the_reason_against_a_reply_is_shown_before_anybody_types(customer, acme, ann):
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme,
            email="ann@atlas.example",
            reason="unsubscribe",
            first_at=timezone.now(),
            last_at=timezone.now(),
        )
    page = client_of(customer).get(f"/inbox/{ann.pk}").content.decode()
    assert "must not be written to" in page and "data-composer" not in page
    assert post(client_of(customer), ann, "send", text="Hi").status_code == 422 and outbox() == []


def test_observers_write_no_reply(customer, ann):
    client = client_of(observer(customer))
    for action in ("send", "draft"):
        assert post(client, ann, action, text="Hi").status_code == 422
    assert outbox() == []
    assert post(client, ann, "unknown").status_code == 404


def test_snippets_come_with_the_contacts_values(customer, acme, campaign, ann):
    with rls.scope(rls.SYSTEM):
        for name, text in (("Hello", "Hello {email}"), ("Name", "Dear {first_name}")):
            Snippet.objects.create(organization=acme, name=name, text=text)
    snippets = client_of(customer).get(f"/inbox/{ann.pk}").context["snippets"]
    assert snippets == [
        {"name": "Hello", "text": "Hello ann@atlas.example"},
        {"name": "Name", "text": "Dear {first_name}"},
    ]


def test_another_organizations_reply_is_unknown(customer, stranger, globex_connection, ann):
    factories.email_account(globex_connection, "sender@sender.example")
    theirs = replied(factories.campaign(globex_connection), "bob@other.example", "10:00")
    post(client_of(stranger), theirs, "send", text="Theirs")
    (row,) = outbox()
    answer = post(client_of(customer), ann, "undo", reply=str(row.pk))
    assert (
        answer.status_code == 422
        and "There is no such reply" in answer.content.decode()
        and outbox()[0].state == "queued"
    )
