"""A reply's sending job, concurrent with people, new mails and other jobs.

While it calls Instantly it holds no lock.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import MembershipRole
from instantly.actions import replies
from instantly.client import InstantlyClient
from instantly.emulator import FakeInstantly
from instantly.emulator.state.clock import SystemClock
from instantly.erasure import erase_contact
from messaging.inbox import outbox
from messaging.inbox.refusals import NewerMail
from messaging.models import OutboxMessage
from salesbrain import rls
from tests import factories
from tests.instantly.actions.reply_cast import answered, conversation, fresh, manual_mails, queued, recorded, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake() -> FakeInstantly:
    return FakeInstantly(seed=11, clock=SystemClock())


@pytest.fixture
def mail(fake, acme_connection, space):
    return answered(fake, acme_connection, space)


@pytest.fixture
def during(monkeypatch) -> Callable[[str, Callable[[], Any]], None]:
    """Run a function once while the job waits for Instantly: in the call `email` (before the mark) or `reply` (after it)."""

    def arrange(call: str, happening: Callable[[], Any]) -> None:
        asked, todo = getattr(InstantlyClient, call), [happening]

        def slow(self: InstantlyClient, *args: Any, **kwargs: Any) -> Any:
            if todo:
                todo.pop()()
            return asked(self, *args, **kwargs)

        monkeypatch.setattr(InstantlyClient, call, slow)

    return arrange


def undone(user, row) -> bool:
    return outbox.undo(user.scope_in(), by=user, outbox_id=row.pk, now=timezone.now())


def test_an_undo_before_the_mark_stops_the_reply(mail, space, customer, during):
    row = queued(customer)
    during("email", lambda: undone(customer, row))
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("draft", [])


def test_an_undo_after_the_mark_is_too_late(mail, space, customer, during):
    row, answers = queued(customer), []
    during("reply", lambda: answers.append(undone(customer, row)))
    replies.send_reply(row.pk)
    assert (answers, fresh(row).state, len(manual_mails(space))) == ([False], "sent", 1)


def test_an_undo_and_a_new_reply_before_the_mark_wait_for_their_own_time(mail, space, customer, during):
    """After an undo the reply is queued again for later: the earlier job must not send it."""
    row = queued(customer)

    def think_again() -> None:
        undone(customer, row)
        assert queued(customer, text="Another thought", now=timezone.now()).pk == row.pk

    during("email", think_again)
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("queued", [])


@pytest.mark.parametrize("call", ["email", "reply"])
def test_two_jobs_of_one_row_send_one_mail(mail, space, customer, during, call):
    row = queued(customer)
    during(call, lambda: replies.send_reply(row.pk))
    replies.send_reply(row.pk)
    assert (fresh(row).state, len(manual_mails(space))) == ("sent", 1)


def test_a_mail_received_before_the_mark_makes_the_reply_a_draft_again(
    mail, fake, space, customer, acme_connection, during
):
    row = queued(customer)

    def write() -> None:
        fake.receive_mail(
            acme_connection.workspace_id,
            account=mail["eaccount"],
            sender=mail["lead"],
            subject="Wait",
            text="Rather Friday",
        )
        newest = next(iter(space.emails.walk(newest_first=True)))
        tell(acme_connection, {**newest, "campaign_id": mail["campaign_id"], "lead": mail["lead"]})

    during("email", write)
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("draft", [])


def test_a_colleague_who_sends_during_sending_is_refused_with_the_reply(mail, space, acme, customer, during):
    dan = factories.customer("dan@acme.example", acme, role=MembershipRole.MEMBER)
    row, told = queued(customer), []

    def send() -> None:
        with pytest.raises(NewerMail) as refused:
            queued(dan, text="From Dan")
        told.append(refused.value.newer.kind)

    during("reply", send)
    replies.send_reply(row.pk)
    assert told == ["on_the_way"]
    with pytest.raises(NewerMail):
        queued(dan, text="From Dan")  # sent, and not recorded yet
    before = conversation().version
    recorded()
    with pytest.raises(NewerMail) as refused:
        queued(dan, text="From Dan", version=before)
    assert (refused.value.newer.kind, refused.value.newer.who) == ("reply", "customer@acme.example")
    assert len(manual_mails(space)) == 1


def test_an_erasure_during_sending_leaves_no_text(mail, space, acme, customer, during):
    row = queued(customer)
    during("reply", lambda: erase_contact(organization=acme, email=mail["lead"], now=timezone.now()))
    replies.send_reply(row.pk)
    left = fresh(row)
    assert (left.state, left.text, left.subject, len(manual_mails(space))) == ("sent", "", "", 1)
    (message,) = recorded()
    with rls.scope(rls.SYSTEM):
        assert message.contact.email.endswith("@erased.invalid")
        assert OutboxMessage.objects.get().contact_id == message.contact_id


def test_an_erasure_before_the_mark_stops_the_reply(mail, space, acme, customer, during):
    row = queued(customer)
    during("email", lambda: erase_contact(organization=acme, email=mail["lead"], now=timezone.now()))
    replies.send_reply(row.pk)
    with rls.scope(rls.SYSTEM):
        assert not OutboxMessage.objects.exists()
    assert manual_mails(space) == []


def test_a_scheduled_reply_overtaken_by_a_mail_becomes_a_draft_again(mail, space, customer):
    scheduled = queued(customer, text="On Friday", send_at=timezone.now() + timedelta(days=1))
    at_once = queued(customer, text="Now", anyway=True)
    replies.send_reply(at_once.pk)
    recorded()
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.filter(pk=scheduled.pk).update(send_at=timezone.now())
    replies.send_reply(scheduled.pk)
    assert [fresh(row).state for row in (scheduled, at_once)] == ["draft", "sent"]
    assert len(manual_mails(space)) == 1
