"""Retention of the outbox: forgotten drafts and old sent replies, unless something needs them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from messaging import retention
from messaging.choices import MessageKind, OutboxState
from messaging.models import Message, OutboxMessage
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db

DRAFTS, REPLIES = retention.RULES
NOW = timezone.now()
YEAR = NOW - timedelta(days=365)
LONG_AGO = NOW - timedelta(days=400)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def reply(
    campaign, author, email: str = "lead@lead.example", *, recorded: bool = True, at=LONG_AGO, **fields: Any
) -> OutboxMessage:
    """Create a reply that was sent and, unless not `recorded`, the message it became."""
    contact = factories.contact(campaign.organization, email)
    email_id = uuid4().hex
    if recorded:
        factories.message(campaign, email, step=0, id=uuid4(), kind=MessageKind.MANUAL, email_id=email_id)
    row = factories.outbox_message(
        contact, author, **{"state": OutboxState.SENT, "sent_at": at, "email_id": email_id} | fields
    )
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.filter(pk=row.pk).update(updated_at=at)
    return row


def left() -> set[Any]:
    with rls.scope(rls.SYSTEM):
        return set(OutboxMessage.objects.values_list("pk", flat=True))


def test_sent_replies_of_more_than_a_year_go_and_their_mails_stay(campaign, customer):
    for n in range(3):
        reply(campaign, customer, f"lead-{n}@lead.example")
    young = reply(campaign, customer, "young@lead.example", at=NOW - timedelta(days=300))
    assert REPLIES.count(YEAR) == 3
    assert list(REPLIES.batches(YEAR, 2)) == [2, 1]
    assert left() == {young.pk}
    with rls.scope(rls.SYSTEM):
        assert Message.objects.count() == 4


def test_a_reply_whose_mail_is_not_recorded_yet_stays(campaign, customer):
    row = reply(campaign, customer, recorded=False)
    assert (REPLIES.count(YEAR), list(REPLIES.batches(YEAR, 10)), left()) == (0, [], {row.pk})


@pytest.mark.parametrize("state", [OutboxState.DRAFT, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNKNOWN])
def test_a_sent_reply_stays_while_somebody_writes_in_its_conversation(campaign, customer, state):
    """The sending job counts the mails besides outbox replies: after deletion of an outbox row its mail would look like a new one."""
    reply(campaign, customer)
    reply(campaign, customer, recorded=False, state=state, at=NOW, email_id=None)
    assert list(REPLIES.batches(YEAR, 10)) == [] and len(left()) == 2


@pytest.mark.parametrize("state", [OutboxState.QUEUED, OutboxState.SENDING, OutboxState.UNKNOWN])
def test_a_reply_whose_outcome_is_open_stays_however_old(campaign, customer, state):
    row = reply(campaign, customer, state=state)
    assert sum(REPLIES.batches(YEAR, 10)) + sum(DRAFTS.batches(YEAR, 10)) == 0 and left() == {row.pk}


def test_failed_replies_go_after_the_same_time(campaign, customer):
    reply(campaign, customer, recorded=False, state=OutboxState.FAILED, email_id=None)
    assert sum(REPLIES.batches(YEAR, 10)) == 1 and left() == set()


def test_drafts_are_removed_by_the_time_of_their_last_change(campaign, customer, stranger):
    reply(campaign, customer, recorded=False, state=OutboxState.DRAFT, email_id=None, at=NOW - timedelta(days=91))
    fresh = reply(
        campaign, stranger, recorded=False, state=OutboxState.DRAFT, email_id=None, at=NOW - timedelta(days=89)
    )
    assert DRAFTS.count(NOW - timedelta(days=90)) == 1
    assert list(DRAFTS.batches(NOW - timedelta(days=90), 10)) == [1]
    assert left() == {fresh.pk}
