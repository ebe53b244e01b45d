"""Sending a reply through Instantly: once, after a last check for new mails, outcome stored."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.models import AccessEntry, EmailAccount
from instantly.actions import replies, reply_lookup
from instantly.client import InstantlyClient
from instantly.connections.services import client_for
from instantly.emulator import FakeInstantly
from instantly.emulator.state.clock import SystemClock
from instantly.reconciliation.service import reconcile_connection
from messaging.inbox import outbox, services
from messaging.models import Contact, Event, OutboxMessage, Suppression
from salesbrain import rls
from tests import factories
from tests.instantly.actions.reply_cast import (
    HTML,
    REPLY,
    TEXT,
    answered,
    changed,
    conversation,
    fresh,
    manual_mails,
    moment,
    queued,
    recorded,
    tell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake() -> FakeInstantly:
    """The emulator on the system clock, because the lookup depends on when a mail was stored."""
    return FakeInstantly(seed=11, clock=SystemClock())


@pytest.fixture
def mail(fake, acme_connection, space):
    return answered(fake, acme_connection, space)


@pytest.fixture
def dan(acme):
    return factories.customer("dan@acme.example", acme, role=MembershipRole.MEMBER)


def thread() -> list[OutboxMessage]:
    row = conversation()
    with rls.scope(rls.SYSTEM):
        return list(OutboxMessage.objects.of_contact(row.organization_id, row.pk).in_thread())


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'instantly.tasks.send_reply'")
        return cursor.fetchone()[0]


def settle() -> None:
    reply_lookup.settle(replies.note_sent)


def test_a_reply_is_sent_from_the_account_it_came_to_and_becomes_the_message(mail, space, customer):
    row = queued(customer, cc=["cc@copy.example"])
    assert [one.pk for one in thread()] == [row.pk]
    replies.send_reply(row.pk)
    (sent,) = manual_mails(space)
    assert (sent["body"]["html"], sent["subject"], sent["eaccount"], sent["thread_id"]) == (
        HTML, mail["subject"], mail["eaccount"], mail["thread_id"],
    )  # fmt: skip
    assert (sent["to_address_email_list"], sent["cc_address_email_list"]) == (mail["lead"], "cc@copy.example")
    row = fresh(row)
    assert (row.state, row.email_id, row.sent_at, row.thread_id) == (
        "sent", sent["id"], moment(sent["timestamp_email"]), mail["thread_id"],
    )  # fmt: skip
    assert [one.pk for one in thread()] == [row.pk], "not recorded yet: the row itself is shown"
    (message,) = recorded()
    assert (message.email_id, message.body_text, thread()) == (sent["id"], TEXT, [])
    assert conversation().state == "waiting"
    with rls.scope(rls.SYSTEM):
        entry = AccessEntry.objects.get(action="answered")
        assert (entry.actor_id, entry.conversation_id) == (customer.pk, conversation().pk)


def test_a_later_gap_repair_brings_the_same_mail_as_a_copy_at_most(mail, space, customer, acme_connection, monkeypatch):
    replies.send_reply(queued(customer).pk)
    recorded()
    version = conversation().version
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("instantly.reconciliation.service.timezone.now", lambda: later)
    reconcile_connection(acme_connection, actor_name="test")
    assert len(recorded()) == 1 and thread() == [] and conversation().version == version


def test_a_second_job_sends_nothing(mail, space, customer):
    row = queued(customer)
    for _ in range(3):
        replies.send_reply(row.pk)
    assert len(manual_mails(space)) == 1


def test_a_reply_is_not_sent_early_nor_after_an_undo(mail, space, customer):
    early = queued(customer, now=timezone.now())
    replies.send_reply(early.pk)
    assert (fresh(early).state, manual_mails(space)) == ("queued", [])
    assert outbox.undo(customer.scope_in(), by=customer, outbox_id=early.pk, now=timezone.now())
    changed(early, send_at=timezone.now() - timedelta(seconds=1))
    replies.send_reply(early.pk)
    assert (fresh(early).state, manual_mails(space)) == ("draft", [])


def test_a_mail_received_while_a_reply_waits_makes_it_a_draft_again(mail, fake, space, customer, acme_connection):
    row = queued(customer)
    fake.receive_mail(
        acme_connection.workspace_id,
        account=mail["eaccount"],
        sender=mail["lead"],
        subject="Wait",
        text="Rather Friday",
    )
    newest = next(iter(space.emails.walk(newest_first=True)))
    tell(acme_connection, {**newest, "campaign_id": mail["campaign_id"], "lead": mail["lead"]})
    replies.send_reply(row.pk)
    row = fresh(row)
    assert (row.state, row.text, manual_mails(space)) == ("draft", TEXT, [])
    assert "wrote while your reply waited" in row.reason


def test_a_colleagues_unseen_reply_makes_a_reply_a_draft_again_and_a_seen_one_does_not(mail, space, customer, dan):
    first = queued(customer)
    second = queued(dan, text="From Dan", anyway=True)
    third = queued(customer, text="And one more", anyway=True)
    replies.send_reply(third.pk)
    recorded()
    for row in (first, second):
        replies.send_reply(row.pk)
        recorded()
    assert [fresh(row).state for row in (first, second, third)] == ["draft", "draft", "sent"]
    assert fresh(first).reason == (
        "customer@acme.example replied while your reply waited to be sent. Read it, then send yours if it is still needed."
    )
    fourth = queued(dan, text="Again", version=conversation().version)
    fifth = queued(customer, text="Known", anyway=True)
    for row in (fourth, fifth):
        replies.send_reply(row.pk)
        recorded()
    assert [fresh(row).state for row in (fourth, fifth)] == ["sent", "sent"]
    assert len(manual_mails(space)) == 3


def test_closing_the_conversation_does_not_make_a_queued_reply_a_draft_again(mail, space, customer):
    row = queued(customer)
    services.done(customer.scope_in(), by=customer, conversation_id=conversation().pk, now=timezone.now())
    replies.send_reply(row.pk)
    assert (fresh(row).state, len(manual_mails(space))) == ("sent", 1)


@pytest.mark.parametrize("whom", [pytest.param("lead", id="the recipient"), pytest.param("cc", id="who gets a copy")])
def test_a_contact_suppressed_meanwhile_gets_no_reply(mail, space, customer, acme, whom):
    row = queued(customer, cc=["cc@copy.example"])
    address = mail["lead"] if whom == "lead" else "cc@copy.example"
    with rls.scope(rls.SYSTEM):
        now = timezone.now()
        Suppression.objects.create(organization=acme, email=address, reason="manual", first_at=now, last_at=now)
    replies.send_reply(row.pk)
    row = fresh(row)
    assert (row.state, manual_mails(space)) == ("failed", [])
    assert address in row.reason


def test_the_actual_senders_suppression_stops_a_reply(mail, space, customer, acme):
    """The last mail is from a colleague of the lead, whose own address is suppressed."""
    row = queued(customer)
    mail["from_address_email"] = "colleague@lead.example"
    with rls.scope(rls.SYSTEM):
        now = timezone.now()
        Suppression.objects.create(
            organization=acme, email="colleague@lead.example", reason="unsubscribe", first_at=now, last_at=now
        )
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("failed", [])


def test_an_account_that_failed_meanwhile_is_named(mail, space, customer):
    row = queued(customer)
    with rls.scope(rls.SYSTEM):
        EmailAccount.objects.filter(address=mail["eaccount"]).update(status="suspended")
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("failed", [])
    assert "suspended" in fresh(row).reason


def test_a_reply_refused_by_the_provider_fails_with_its_message(mail, space, customer):
    row = queued(customer)
    space.accounts.get(mail["eaccount"])["status"] = -1
    replies.send_reply(row.pk)
    row = fresh(row)
    assert (row.state, row.sending_at is not None) == ("failed", True)
    assert "cannot send: its status is -1" in row.reason
    space.accounts.get(mail["eaccount"])["status"] = 1
    again = outbox.retry(customer.scope_in(), by=customer, outbox_id=row.pk, now=timezone.now() - timedelta(seconds=6))
    replies.send_reply(again.pk)
    assert (fresh(row).state, len(manual_mails(space))) == ("sent", 1)


def test_a_reply_to_a_deleted_mail_or_to_our_own_is_not_sent(mail, space, customer):
    row = queued(customer)
    mail["ue_type"] = 1
    replies.send_reply(row.pk)
    assert "one of ours" in fresh(row).reason
    changed(row, state="queued")
    space.emails.remove(mail["id"])
    replies.send_reply(row.pk)
    assert fresh(row).state == "failed" and "does not have the mail" in fresh(row).reason
    assert manual_mails(space) == []


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("reset", {"done": True}, id="the connection breaks"),
        pytest.param("status", {"done": True, "status": 502}, id="a gateway fails"),
        pytest.param("truncate", {}, id="half an answer"),
        pytest.param("garbage", {}, id="no JSON"),
    ],
)
def test_a_lost_answer_is_looked_up_and_never_sent_again(mail, fake, space, customer, kind, options):
    row = queued(customer)
    fake.faults.add(kind, method="POST", path=REPLY, **options)
    replies.send_reply(row.pk)
    (sent,) = manual_mails(space)
    row = fresh(row)
    assert (row.state, row.email_id) == ("sent", sent["id"])
    assert len(recorded()) == 1


def test_a_reply_of_unknown_outcome_waits_for_a_persons_decision(mail, fake, space, customer, monkeypatch):
    row = queued(customer)
    fake.faults.add("reset", method="POST", path=REPLY)
    replies.send_reply(row.pk)
    row = fresh(row)
    assert (row.state, row.lookups, manual_mails(space)) == ("unknown", 1, [])
    assert [one.pk for one in thread()] == [row.pk], "the conversation shows it"
    for minutes in (1, 3, 6, 10):
        settle()
        assert fresh(row).lookups == reply_lookup.LOOKS.index(timedelta(minutes=minutes)), "not before its time"
        changed(row, sending_at=timezone.now() - timedelta(minutes=minutes, seconds=1))
        settle()
    changed(row, sending_at=timezone.now() - timedelta(minutes=17))
    settle()
    row = fresh(row)
    assert (row.state, row.lookups) == ("unknown", 6) and "Sent folder" in row.reason
    replies.send_reply(row.pk)
    settle()
    assert manual_mails(space) == []
    outbox.resolve_unknown(customer.scope_in(), by=customer, outbox_id=row.pk, was_sent=False, now=timezone.now())
    assert fresh(row).state == "draft"


def test_a_reply_marked_by_a_killed_process_is_settled(mail, acme_connection, space, customer):
    """Killed after the row was marked: nobody knows whether the POST was sent."""
    died_before, died_after = queued(customer), queued(customer, text="The second", anyway=True)
    for row in (died_before, died_after):
        changed(row, state="sending", sending_at=timezone.now(), thread_id=mail["thread_id"])
    with client_for(acme_connection) as client:
        client.reply(mail["id"], email_account=mail["eaccount"], subject="Re", html="The second")
    settle()
    assert {fresh(row).state for row in (died_before, died_after)} == {"sending"}, "they may still be at it"
    for row in (died_before, died_after):
        replies.send_reply(row.pk)
        changed(row, sending_at=timezone.now() - reply_lookup.LEFT_ALONE - timedelta(seconds=1))
    settle()
    assert [fresh(row).state for row in (died_before, died_after)] == ["unknown", "sent"]
    assert len(manual_mails(space)) == 1


def test_a_reply_of_a_process_killed_before_the_mark_is_queued_again_once(mail, space, customer):
    row = queued(customer)
    before = jobs()
    settle()
    assert jobs() == before, "it is not overdue yet"
    changed(row, send_at=timezone.now() - timedelta(minutes=2), updated_at=timezone.now() - timedelta(minutes=2))
    for _ in range(2):
        settle()
    assert jobs() == before + 1
    replies.send_reply(row.pk)
    assert len(manual_mails(space)) == 1


def test_two_equal_replies_are_not_taken_for_one_mail(mail, fake, space, customer, dan):
    rows = [queued(customer), queued(dan, anyway=True)]
    fake.faults.add("reset", method="POST", path=REPLY, done=True)
    fake.faults.add("reset", method="POST", path=REPLY)
    for row in rows:
        replies.send_reply(row.pk)
    assert [fresh(row).state for row in rows] == ["sent", "unknown"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"ue_type": 1}, id="of a campaign"),
        pytest.param({"body": {"html": "Thank you, Friday it is."}}, id="another text"),
        pytest.param({"timestamp_created": "2026-01-01T00:00:00.000Z"}, id="of another day"),
    ],
)
def test_another_mail_of_the_thread_is_not_taken_for_the_reply(mail, fake, space, customer, change):
    row = queued(customer)
    fake.faults.add("reset", method="POST", path=REPLY, done=True)
    fake.faults.add("status", method="GET", path="/api/v2/emails", status=500, times=9)
    replies.send_reply(row.pk)
    assert fresh(row).state == "unknown", "it could not be looked for"
    fake.faults.clear()
    (sent,) = manual_mails(space)
    original = dict(sent)
    sent.update(change)
    changed(row, lookups=0)
    settle()
    assert fresh(row).state == "unknown"
    sent.update(original)
    changed(row, lookups=0)
    settle()
    assert fresh(row).state == "sent"


def test_a_temporary_refusal_is_retried_a_few_times(mail, fake, space, customer):
    row = queued(customer)
    for attempt in range(1, replies.TRIES):
        fake.faults.add("status", method="POST", path=REPLY, status=429, times=50)
        before = jobs()
        replies.send_reply(row.pk)
        fake.faults.clear()
        found = fresh(row)
        assert (found.state, found.attempts, jobs()) == ("queued", attempt, before + 1)
        assert found.send_at is not None and found.send_at > timezone.now()
        changed(row, send_at=timezone.now())
    fake.faults.add("status", method="POST", path=REPLY, status=429, times=50)
    replies.send_reply(row.pk)
    assert (fresh(row).state, manual_mails(space)) == ("failed", [])
    assert "after 6 tries" in fresh(row).reason


def test_our_own_error_before_the_request_fails_a_reply_and_after_it_is_unknown(mail, space, customer, monkeypatch):
    row = queued(customer)
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(replies, "_mark_as_sending", lambda *_: 1 // 0)
        replies.send_reply(row.pk)
    assert fresh(row).state == "failed"
    changed(row, state="queued")
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(replies, "note_sent", lambda *_: 1 // 0)
        replies.send_reply(row.pk)
    assert (fresh(row).state, len(manual_mails(space))) == ("sending", 1)
    changed(row, sending_at=timezone.now() - timedelta(minutes=3))
    settle()
    assert (fresh(row).state, len(manual_mails(space)), len(recorded())) == ("sent", 1, 1)


def test_a_reply_of_a_connection_that_was_switched_off_fails(mail, space, customer, acme_connection):
    row = queued(customer)
    acme_connection.is_active = False
    with rls.scope(rls.SYSTEM):
        acme_connection.save()
    replies.send_reply(row.pk)
    assert fresh(row).state == "failed" and "switched off" in fresh(row).reason


def test_a_reply_resolved_as_sent_is_linked_to_its_mail_once_recorded(
    mail, fake, space, customer, acme_connection, monkeypatch
):
    row = queued(customer)
    fake.faults.add("reset", method="POST", path=REPLY, done=True)
    fake.faults.add("status", method="GET", path="/api/v2/emails", status=500, times=9)
    replies.send_reply(row.pk)
    fake.faults.clear()
    changed(row, lookups=6)
    outbox.resolve_unknown(customer.scope_in(), by=customer, outbox_id=row.pk, was_sent=True, now=timezone.now())
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("instantly.reconciliation.service.timezone.now", lambda: later)
    reconcile_connection(acme_connection, actor_name="test", full=True)
    assert len(recorded()) == 1 and len(thread()) == 1
    settle()
    assert thread() == [] and fresh(row).email_id == manual_mails(space)[0]["id"]


def test_a_sent_reply_is_recorded_with_contact_and_campaign_even_if_the_response_lacks_them(
    mail, space, customer, monkeypatch
):
    asked = InstantlyClient.reply

    def bare(self, *args, **kwargs):
        return asked(self, *args, **kwargs).model_copy(update={"lead": None, "campaign_id": None, "ue_type": None})

    monkeypatch.setattr(InstantlyClient, "reply", bare)
    replies.send_reply(queued(customer).pk)
    (message,) = recorded()
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get().email == mail["lead"] and message.campaign_id is not None
        assert Event.objects.filter(type="manual_email_sent").count() == 1
