"""Next step beside a conversation: suggestion, reason, decision, roles."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.choices import MembershipRole
from accounts.models import Membership
from messaging.follow_ups.of_contact import follow_up_of
from messaging.models import Contact, Conversation, MessageCategory, SuggestionDecision
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.messaging.web.test_inbox import ACT, PART, act, fresh, replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign) -> Conversation:
    return replied(campaign, "ann@atlas.example", "10:00")


@pytest.fixture
def away(campaign, ann) -> Conversation:
    """Make Ann's latest mail one that asks to be written to in two weeks."""
    asked = datetime.now(UTC).date() + timedelta(days=14)
    with rls.scope(rls.SYSTEM):
        mail = Contact.objects.get(pk=ann.pk).messages.get(direction="in")
        MessageCategory.objects.update_or_create(
            pk=mail.pk, organization_id=ann.organization_id,
            defaults={
                "category": "not_now", "predicted": "not_now", "p": 0.9, "candidates": ["not_now"], "source": "rule", "version": "v",
                "asks": "wait_until", "asks_on": asked, "asks_words": "in two weeks",
            },
        )  # fmt: skip
    return ann


def page(client: Any, row: Conversation) -> Any:
    return client.get(f"/inbox/{row.pk}")


def key_of(client: Any, row: Conversation) -> str:
    return str(page(client, row).context["next_step"]["up"].key)


def decisions() -> list[tuple[str, str, str]]:
    with rls.scope(rls.SYSTEM):
        return list(SuggestionDecision.objects.values_list("kind", "decision", "why"))


def test_the_step_stands_in_a_line_with_its_reason(customer, ann):
    answer = page(client_of(customer), ann)
    with rls.scope(rls.customer(ann.organization_id)):
        expected = follow_up_of(Contact.objects.get(pk=ann.pk), now=datetime.now(UTC))
    assert expected.suggestion and answer.context["next_step"]["up"].key == expected.key
    shown = answer.content.decode()
    assert (
        "<h3>Next step</h3>" in shown and "<strong>Answer</strong>" in shown and "Wrote last and has no answer" in shown
    )


def test_accepting_and_its_undo(customer, acme, ann):
    client = client_of(customer)
    said = act(client, acme, "accept", ann, key=key_of(client, ann)).json()
    assert said["text"] == "Accepted." and decisions() == [("answer", "accepted", "")]
    assert "Accepted: " in page(client, ann).content.decode()
    undone = client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert undone.json()["text"] == "Undone." and decisions() == []


def test_dismissing_with_a_reason_and_its_undo(customer, acme, ann):
    client = client_of(customer)
    said = act(client, acme, "dismiss", ann, key=key_of(client, ann), why="done_elsewhere").json()
    assert said["text"] == "Dismissed." and decisions() == [("answer", "dismissed", "done_elsewhere")]
    client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert decisions() == []


def test_a_dismissal_without_a_reason_and_an_old_suggestion_are_refused(customer, acme, campaign, ann):
    client = client_of(customer)
    key = key_of(client, ann)
    assert act(client, acme, "dismiss", ann, key=key).status_code == 422
    delivered(campaign, "manual_email_sent", "11:00", lead_email="ann@atlas.example", email_id="ours")
    old = act(client, acme, "accept", ann, key=key)
    assert old.status_code == 422 and "does not hold any more" in old.json()["text"] and decisions() == []


def test_a_step_of_a_later_day_puts_the_conversation_off_and_the_undo_brings_it_back(customer, acme, away):
    client = client_of(customer)
    assert page(client, away).context["next_step"]["is_later"]
    said = act(client, acme, "accept", away, key=key_of(client, away)).json()
    assert fresh(away).state == "snoozed" and decisions()[0][1] == "accepted"
    client.post(ACT, {"organization": str(acme.pk), "action": "undo", "token": said["undo"]}, headers=PART)
    assert fresh(away).state == "open" and decisions() == []


@pytest.mark.parametrize("who", ["observer", "viewer"])
def test_observers_see_the_step_and_decide_nothing(request, customer, acme, ann, who):
    key = key_of(client_of(customer), ann)
    user = customer if who == "observer" else request.getfixturevalue("viewer")
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=MembershipRole.OBSERVER)
    client = client_of(user)
    if who == "viewer":
        client.post("/switch", {"organization": str(acme.pk)})
    shown = page(client, ann).content.decode()
    assert "<h3>Next step</h3>" in shown and 'value="accept"' not in shown and 'value="dismiss"' not in shown
    for action in ("accept", "dismiss"):
        assert act(client, acme, action, ann, key=key, why="other").status_code == 422
    assert decisions() == []


def test_another_organizations_step_is_none(customer, stranger, globex, ann):
    key = key_of(client_of(customer), ann)
    for action in ("accept", "dismiss"):
        answer = act(client_of(stranger), globex, action, ann, key=key, why="other")
        assert answer.json()["text"] == "Nothing was changed." and decisions() == []


def test_a_contact_who_must_not_be_written_to_has_no_step(customer, acme, ann):
    act(client_of(customer), acme, "block", ann)
    assert "<h3>Next step</h3>" not in page(client_of(customer), ann).content.decode()
