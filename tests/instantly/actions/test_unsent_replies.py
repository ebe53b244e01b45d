"""Conversations of replies that were not sent: open and unread again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import EmailAccount, ProviderConnection
from instantly.actions import replies, reply_lookup
from instantly.emulator import FakeInstantly
from instantly.emulator.state.clock import SystemClock
from messaging.inbox import outbox, services
from messaging.inbox.recount import differences
from messaging.inbox.refusals import NewerMail
from messaging.models import Event, OutboxMessage
from salesbrain import rls
from tests.instantly.actions.reply_cast import REPLY, answered, changed, conversation, fresh, queued
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
LOST = len(reply_lookup.LOOKS)


@pytest.fixture
def fake() -> FakeInstantly:
    return FakeInstantly(seed=11, clock=SystemClock())


@pytest.fixture
def mail(fake, acme_connection, space):
    return answered(fake, acme_connection, space)


@pytest.fixture
def row(mail, customer) -> OutboxMessage:
    """Queue a reply and close its conversation, as a person does before opening the next one."""
    row = queued(customer)
    close(customer)
    assert (conversation().state, conversation().is_unread) == ("done", False)
    return row


def close(customer: Any) -> None:
    services.done(customer.scope_in(), by=customer, conversation_id=conversation().pk, now=timezone.now())


def refused_by_the_provider(row: OutboxMessage, fake: FakeInstantly) -> None:
    fake.faults.add("status", method="POST", path=REPLY, status=400)
    replies.send_reply(row.pk)


def account_gone(row: OutboxMessage, fake: FakeInstantly) -> None:
    with rls.scope(rls.SYSTEM):
        EmailAccount.objects.update(status="sending_error")
    replies.send_reply(row.pk)


def workspace_off(row: OutboxMessage, fake: FakeInstantly) -> None:
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.update(is_active=False)
    replies.send_reply(row.pk)


def nobody_knows(row: OutboxMessage, fake: FakeInstantly) -> None:
    """Lose the response of Instantly, and let every search for the mail fail, so that the outcome stays unknown."""
    fake.faults.add("reset", method="POST", path=REPLY)
    replies.send_reply(row.pk)
    changed(row, lookups=LOST - 1, sending_at=timezone.now() - timedelta(minutes=17))
    reply_lookup.settle(replies.note_sent)


WAYS: dict[str, tuple[Callable[[OutboxMessage, FakeInstantly], None], str]] = {
    "refused": (refused_by_the_provider, "failed"),
    "account": (account_gone, "failed"),
    "workspace": (workspace_off, "failed"),
    "unknown": (nobody_knows, "unknown"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_conversation_is_open_and_unread_after_its_reply_failed(row, fake, way):
    go, state = WAYS[way]
    before = conversation().version
    go(row, fake)
    assert fresh(row).state == state
    back = conversation()
    assert (back.state, back.is_unread, back.version > before) == ("open", True, True)
    with rls.scope(rls.SYSTEM):
        said = Event.objects.filter(origin="rule", type__startswith="conversation_").order_by("id")
        assert [(event.type, event.payload and event.payload["by"]) for event in said] == [
            ("conversation_reopened", None), ("conversation_unread", None),
        ]  # fmt: skip
    assert list(differences()) == []


def test_a_conversation_stays_closed_while_its_reply_may_still_be_found(row, fake):
    fake.faults.add("reset", method="POST", path=REPLY)
    replies.send_reply(row.pk)
    assert fresh(row).state == "unknown" and conversation().state == "done"


def test_a_conversation_that_is_closed_again_stays_closed(row, fake, customer):
    refused_by_the_provider(row, fake)
    close(customer)
    replies.send_reply(row.pk)
    reply_lookup.settle(replies.note_sent)
    assert (conversation().state, conversation().is_unread) == ("done", False)


def test_an_open_read_conversation_becomes_unread(mail, fake, customer):
    row = queued(customer)
    services.mark_read(customer.scope_in(), by=customer, conversation_id=conversation().pk, now=timezone.now())
    refused_by_the_provider(row, fake)
    assert (conversation().state, conversation().is_unread) == ("open", True)
    assert list(differences()) == []


def test_a_colleague_with_the_page_open_sees_the_failure_without_a_name(row, fake, customer):
    version = conversation().version
    refused_by_the_provider(row, fake)
    with pytest.raises(NewerMail) as refused:
        outbox.send(
            customer.scope_in(),
            by=customer,
            conversation_id=conversation().pk,
            text="Another",
            version=version,
            now=timezone.now(),
        )
    assert str(refused.value) == "There is something new in this conversation. Read it, then send your reply."


def test_the_list_marks_a_conversation_with_an_unsent_reply(row, fake, customer):
    client = client_of(customer)
    assert marks(client, "/inbox?lane=done") == ["Reply on its way"]
    refused_by_the_provider(row, fake)
    assert marks(client, "/inbox?lane=all") == ["Reply not sent"]


def test_a_draft_is_marked_for_its_author_alone(mail, customer, operator):
    outbox.save_draft(
        customer.scope_in(), by=customer, conversation_id=conversation().pk, text="Not yet", now=timezone.now()
    )
    assert marks(client_of(customer), "/inbox?lane=all") == ["Draft"]
    assert marks(client_of(operator), "/inbox?lane=all") == [""]


def marks(client: Any, address: str) -> list[str]:
    return [str(each["reply"]) for each in client.get(address).context["rows"]]
