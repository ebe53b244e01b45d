"""Offer of an earlier reply that led to a meeting: choice, permissions, and use as a draft only."""

from datetime import datetime, timedelta

import pytest

from accounts.choices import MembershipRole
from accounts.models import AccessEntry, Membership
from messaging.intelligence import earlier_replies
from messaging.intelligence.earlier_replies import addressed, earlier_reply
from messaging.models import Contact, Conversation, OutboxMessage
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.messaging.web.test_inbox import replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
PRICE = "What does it cost per month for a team of forty people?"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign) -> Conversation:
    """Create Ann, a contact who asks for the price and has no answer."""
    return asked(campaign, "ann@atlas.example", "15:00", PRICE, "Ann")


def asked(campaign, email: str, at: str, text: str, name: str = "Bob") -> Conversation:
    delivered(
        campaign, "reply_received", at, lead_email=email, email_id=f"mail-{email}-{at}", reply_text=text, firstName=name,
        companyName=f"{name} Ltd",
    )  # fmt: skip
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get(pk=Contact.objects.get(email=email).pk)


def answered(campaign, email: str, at: str, text: str, *, meeting: str | None, type: str = "manual_email_sent") -> None:
    delivered(
        campaign, type, at, lead_email=email, email_id=f"ours-{email}", email_text=text, email_subject="Re: Hello"
    )
    if meeting:
        delivered(campaign, "lead_meeting_booked", meeting, lead_email=email)


def found(user, row) -> str | None:
    with rls.scope(user.scope_in()):
        offer = earlier_reply(Contact.objects.get(pk=row.pk))
    return offer.text if offer else None


def test_the_reply_to_the_most_similar_mail_that_led_to_a_meeting_is_found(customer, campaign, ann):
    asked(campaign, "bob@firm.example", "10:00", "What would it cost for a team of twenty people?")
    answered(campaign, "bob@firm.example", "10:30", "Hello Bob, 20 a month for Bob Ltd. Monday?", meeting="11:00")
    asked(campaign, "far@firm.example", "10:00", "Please call our purchasing department instead", "Far")
    answered(campaign, "far@firm.example", "10:30", "Hello Far, I will call them.", meeting="11:00")
    assert found(customer, ann) == "Hello Ann, 20 a month for Ann Ltd. Monday?"


@pytest.mark.parametrize(
    ("meeting", "type"),
    [(None, "manual_email_sent"), ("10:10", "manual_email_sent"), ("11:00", "ai_agent_email_sent")],
    ids=["no meeting", "meeting before the reply", "written by the provider's agent"],
)
def test_a_reply_that_led_to_no_meeting_is_not_offered(customer, campaign, ann, meeting, type):
    asked(campaign, "bob@firm.example", "10:00", PRICE)
    answered(campaign, "bob@firm.example", "10:30", "Hello Bob, 20 a month.", meeting=meeting, type=type)
    assert found(customer, ann) is None


def test_a_reply_gets_no_credit_for_a_meeting_long_after_it(customer, campaign, ann):
    bob = asked(campaign, "bob@firm.example", "10:00", PRICE)
    answered(campaign, "bob@firm.example", "10:30", "Hello Bob, 20 a month.", meeting="11:00")
    assert found(customer, ann) == "Hello Ann, 20 a month."
    with rls.scope(rls.SYSTEM):
        contact = Contact.objects.get(pk=bob.pk)
        assert isinstance(contact.meeting_at, datetime)
        Contact.objects.filter(pk=bob.pk).update(meeting_at=contact.meeting_at + earlier_replies.WITHIN + timedelta(1))
    assert found(customer, ann) is None


def test_a_mail_unlike_every_earlier_one_gets_no_offer(customer, campaign, ann):
    asked(campaign, "bob@firm.example", "10:00", "Bitte rufen Sie unseren Einkauf an")
    answered(campaign, "bob@firm.example", "10:30", "Hello Bob, I will.", meeting="11:00")
    assert found(customer, ann) is None


def test_another_organizations_replies_are_never_offered(customer, campaign, globex_connection, ann):
    foreign = factories.campaign(globex_connection)
    asked(foreign, "bob@firm.example", "10:00", PRICE)
    answered(foreign, "bob@firm.example", "10:30", "Hello Bob, 20 a month.", meeting="11:00")
    assert found(customer, ann) is None


def test_the_offer_is_shown_recorded_and_becomes_a_draft_below_what_was_typed(customer, acme, campaign, ann):
    bob = asked(campaign, "bob@firm.example", "10:00", PRICE)
    answered(campaign, "bob@firm.example", "10:30", "Hello Bob, 20 a month.", meeting="11:00")
    client, address = client_of(customer), f"/inbox/{ann.pk}/earlier"
    part = client.get(address, headers=SCRIPT).content.decode()
    assert "Hello Ann, 20 a month." in part and "led to a meeting" in part and "<html" not in part
    assert "Hello Ann, 20 a month." in client.get(address).content.decode(), "and without a script"
    with rls.scope(rls.SYSTEM):
        assert AccessEntry.objects.filter(conversation_id=bob.pk).exists()
    data = {"organization": str(acme.pk), "action": "earlier", "text": "Thank you.", "version": str(ann.version)}
    page = client.post(f"/inbox/{ann.pk}/reply", data, headers={"X-Part": "pane"}).content.decode()
    assert "Thank you.\n\nHello Ann, 20 a month.</textarea>" in page
    with rls.scope(rls.SYSTEM):
        assert [row.state for row in OutboxMessage.objects.all()] == ["draft"]


def test_without_an_earlier_reply_the_page_says_so(customer, acme, ann):
    client = client_of(customer)
    assert "No earlier reply" in client.get(f"/inbox/{ann.pk}/earlier", headers=SCRIPT).content.decode()
    data = {"organization": str(acme.pk), "action": "earlier", "text": "Mine"}
    answer = client.post(f"/inbox/{ann.pk}/reply", data, headers={"X-Part": "pane"})
    assert answer.status_code == 422 and "Mine</textarea>" in answer.content.decode()


def test_an_observer_cannot_make_it_a_draft(customer, acme, campaign, ann):
    replied(campaign, "bob@firm.example", "10:00")
    answered(campaign, "bob@firm.example", "10:30", "Hello", meeting="11:00")
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=MembershipRole.OBSERVER)
    data = {"organization": str(acme.pk), "action": "earlier"}
    answer = client_of(customer).post(f"/inbox/{ann.pk}/reply", data, headers={"X-Part": "pane"})
    assert answer.status_code == 422
    with rls.scope(rls.SYSTEM):
        assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Hello Bob, greetings to Bob Ltd", "Hello Ann, greetings to {company}"),
        ("Bobby and Kebob are others", "Bobby and Kebob are others"),
        ("bob@firm.example", "ann@atlas.example"),
    ],
    ids=["names", "parts of words", "address"],
)
def test_the_other_persons_names_are_replaced(text, becomes):
    bob = Contact(email="bob@firm.example", first_name="Bob", company="Bob Ltd")
    assert addressed(text, bob, Contact(email="ann@atlas.example", first_name="Ann")) == becomes
