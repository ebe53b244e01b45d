"""Page of a conversation: authors of the mails, and the facts beside them."""

import pytest
from django.utils import timezone

from messaging.contact_engagement import engagement_of
from messaging.models import Contact, OutboxMessage
from messaging.web import engagement_words
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.messaging.web.test_inbox import replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
ANN = "ann@atlas.example"


@pytest.fixture
def campaign(acme_connection):
    factories.email_account(acme_connection, "sender@sender.example")
    return factories.campaign(acme_connection)


@pytest.fixture
def ann(campaign):
    return replied(campaign, ANN, "10:00")


def writers(client, row) -> list[tuple[str, str]]:
    """Return author and badge of each mail that we wrote by hand, latest first."""
    mails = client.get(f"/inbox/{row.pk}").context["mails"]
    return [(mail["author"], mail["writer"]) for mail in mails if "writer" in mail]


def test_the_thread_says_who_wrote_each_mail_of_ours(customer, campaign, ann):
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.create(
            organization=campaign.organization, contact_id=ann.pk, state="sent", author_id=customer.pk, author_name="Maria",
            email_id="ours",
        )  # fmt: skip
    delivered(campaign, "manual_email_sent", "11:00", lead_email=ANN, email_id="ours")
    delivered(campaign, "manual_email_sent", "12:00", lead_email=ANN, email_id="elsewhere", email_text="From my phone")
    delivered(
        campaign, "ai_agent_email_sent", "13:00", lead_email=ANN, email_id="agent", email_subject="Re: Hello", email_text="Hello!"
    )  # fmt: skip
    client = client_of(customer)
    assert writers(client, ann) == [
        ("sender@sender.example", "Instantly's AI agent"),
        ("sender@sender.example", "Not sent from Salesbrain"),
        ("Maria", ""),
    ]
    page = client.get(f"/inbox/{ann.pk}").content.decode()
    assert '<span class="badge accent">Instantly&#x27;s AI agent</span>' in page
    with rls.scope(rls.SYSTEM):
        ann.refresh_from_db()
    assert ann.state == "waiting", "an agent's answer is an answer"


def test_the_engagement_score_stands_beside_the_conversation_with_its_reasons(customer, acme, ann):
    with rls.scope(rls.SYSTEM):
        Contact.objects.filter(pk=ann.pk).update(meeting_at=timezone.now())
        expected = engagement_words.shown(engagement_of(Contact.objects.get(pk=ann.pk), now=timezone.now()))
    answer = client_of(customer).get(f"/inbox/{ann.pk}")
    shown = answer.context["engagement"]
    assert (shown["score"], shown["level"]) == (expected["score"], expected["level"])
    assert [row[:2] for row in shown["rows"]] == [row[:2] for row in expected["rows"]]
    assert "Booked a meeting" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unsubscribed_at": timezone.now()}, "No score: has unsubscribed."),
        ({"staff_interest": "lead_not_interested", "staff_interest_at": timezone.now()}, "No score: is not interested."),
    ],
    ids=["unsubscribed", "declined"],
)  # fmt: skip
def test_somebody_who_must_not_be_scored_has_the_reason_instead(customer, ann, changes, reason):
    with rls.scope(rls.SYSTEM):
        Contact.objects.filter(pk=ann.pk).update(**changes)
    assert reason in client_of(customer).get(f"/inbox/{ann.pk}").content.decode()
