"""Replies of people: drafts, no accidental second reply, undo, and reasons for refusals."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from accounts.choices import MembershipRole
from accounts.models import AuditEntry
from accounts.permissions import RoleTooLow
from campaigns.models import Campaign
from instantly.erasure import erase_contact
from messaging.campaign_transfer import move_campaign
from messaging.inbox import outbox, services
from messaging.inbox.refusals import (
    CannotRetry,
    CannotSend,
    InvalidCc,
    InvalidReply,
    InvalidSendTime,
    InvalidUndo,
    KeyOfAnother,
    NewerMail,
    NothingToDecide,
    UnknownConversation,
    UnknownReply,
)
from messaging.models import Contact, Conversation, OutboxMessage, Suppression
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import LEAD, delivered
from tests.messaging.inbox.outbox_cast import LATER, NOW, TEXT, fresh, in_scope, rows, send
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db


def jobs() -> list[tuple[str, str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, queue_name, args->>'outbox_id' FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def contact() -> Contact:
    with rls.scope(rls.SYSTEM):
        return Contact.objects.get()


@pytest.fixture
def replied(acme_connection, deliver, conversation):
    """Create a reply to an email account that can send."""
    factories.email_account(acme_connection)
    deliver("reply_received", "10:00", email_id="mail-1")
    return conversation()


@pytest.fixture
def maria(acme):
    return factories.customer("maria@acme.example", acme, role=MembershipRole.MEMBER)


def test_a_reply_and_its_job_are_written_together(replied, customer):
    row = send(customer, replied)
    assert (row.state, row.email_account, row.answered_email_id, row.subject) == (
        "queued",
        "sender@sender.example",
        "mail-1",
        "Re: Hello",
    )
    assert row.send_at == row.undo_until == NOW + timedelta(seconds=30)
    assert jobs() == [("instantly.tasks.send_reply", "replies", str(row.pk))]
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.get(action="reply.send").actor_id == customer.pk


def test_a_rolled_back_transaction_queues_no_reply(replied, customer):
    with pytest.raises(RuntimeError), transaction.atomic():
        send(customer, replied)
        raise RuntimeError
    assert (rows(), jobs()) == ([], [])


def test_a_double_click_is_one_reply(replied, customer):
    assert send(customer, replied).pk == send(customer, replied, now=LATER).pk
    assert len(rows()) == len(jobs()) == 1


def test_a_second_author_is_refused_with_the_first_ones_reply(replied, customer, maria):
    send(maria, replied, text="Hello from Maria")
    with pytest.raises(NewerMail) as refused:
        send(customer, replied)
    newer = refused.value.newer
    assert (newer.kind, newer.who, newer.excerpt, newer.version) == (
        "on_the_way", "maria@acme.example", "Hello from Maria", replied.version,
    )  # fmt: skip
    assert "maria@acme.example" in str(refused.value)
    with translation.override("de"):
        assert "unterwegs" in str(refused.value)
    assert len(rows()) == 1
    assert send(customer, replied, version=newer.version, anyway=True).state == "queued"


def test_a_mail_received_meanwhile_is_shown_before_sending_anyway(replied, deliver, customer, conversation):
    deliver("reply_received", "12:00", email_id="mail-2", reply_text="Rather on Friday")
    for anyway in (False, True):
        with pytest.raises(NewerMail) as refused:
            send(customer, replied, anyway=anyway)
        newer = refused.value.newer
        assert (newer.kind, newer.excerpt, newer.version) == ("mail", "Rather on Friday", conversation().version)
    assert rows() == []
    assert send(customer, replied, version=newer.version).answered_email_id == "mail-2"


def test_a_colleagues_change_of_the_state_is_named(replied, customer, maria):
    services.done(in_scope(maria), by=maria, conversation_id=replied.pk, now=NOW)
    with pytest.raises(NewerMail) as refused:
        send(customer, replied)
    assert (refused.value.newer.kind, refused.value.newer.who) == ("change", "maria@acme.example")


def test_an_automatic_reply_is_not_answered_while_a_person_wrote(replied, deliver, customer, conversation):
    deliver("auto_reply_received", "13:00", email_id="auto-1")
    answered = outbox.sender_of(contact()).answered
    assert answered is not None and answered.email_id == "mail-1"
    assert send(customer, conversation()).answered_email_id == "mail-1"


def test_the_same_key_is_the_same_reply(replied, customer, maria):
    row = send(customer, replied, idempotency_key="k1")
    assert send(customer, replied, idempotency_key="k1", version=99).pk == row.pk
    for user, text in ((customer, "Another text"), (maria, TEXT)):
        with pytest.raises(KeyOfAnother):
            send(user, replied, idempotency_key="k1", text=text)


def test_the_same_key_at_once_in_another_conversation_is_refused(replied, acme, customer, monkeypatch):
    """Neither transaction sees the other's row; the unique constraint decides."""
    other = factories.contact(acme, "eve@else.example")
    factories.outbox_message(other, customer, idempotency_key="k1")
    monkeypatch.setattr(outbox, "_reply_of_same_request", lambda *_: None)
    with pytest.raises(KeyOfAnother):
        send(customer, replied, idempotency_key="k1")
    assert [row.contact_id for row in rows()] == [other.pk] and jobs() == []


def test_undo_brings_the_draft_back_and_only_before_sending_began(replied, customer):
    row = send(customer, replied)
    assert outbox.undo(in_scope(customer), by=customer, outbox_id=row.pk, now=NOW)
    with rls.scope(in_scope(customer)):
        draft = outbox.draft_of(contact(), by=customer)
        assert draft is not None and (draft.pk, draft.text, draft.send_at) == (row.pk, TEXT, None)
    assert not outbox.undo(in_scope(customer), by=customer, outbox_id=row.pk, now=NOW)
    again = send(customer, replied)
    assert (again.pk, again.state) == (row.pk, "queued")
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="sending")
    assert not outbox.undo(in_scope(customer), by=customer, outbox_id=row.pk, now=NOW)
    assert fresh(row).state == "sending"


def test_an_undo_keeps_the_draft_typed_meanwhile(replied, customer):
    row = send(customer, replied, cc=["a@copy.example"])
    save = {"by": customer, "conversation_id": replied.pk, "now": NOW}
    outbox.save_draft(in_scope(customer), text="One more thing", cc=["b@copy.example"], **save)
    outbox.undo(in_scope(customer), by=customer, outbox_id=row.pk, now=NOW)
    (draft,) = rows()
    assert draft.text == f"{TEXT}\n\nOne more thing"
    assert draft.cc == ["a@copy.example", "b@copy.example"]


def test_drafts_belong_to_their_authors_and_an_empty_one_is_deleted(replied, customer, maria):
    def save(user: Any, text: str) -> OutboxMessage | None:
        return outbox.save_draft(in_scope(user), by=user, conversation_id=replied.pk, text=text, now=NOW)

    first = save(customer, "Hel")
    second = save(customer, "Hello")
    save(maria, "Hi")
    assert first is not None and second is not None and first.pk == second.pk
    with rls.scope(in_scope(customer)):
        mine = outbox.draft_of(contact(), by=customer)
        assert mine is not None and mine.text == "Hello"
    assert save(customer, " \n") is None
    assert [row.text for row in rows()] == ["Hi"]


def test_a_draft_becomes_the_reply(replied, customer):
    draft = outbox.save_draft(in_scope(customer), by=customer, conversation_id=replied.pk, text="Hel", now=NOW)
    row = send(customer, replied)
    assert draft is not None and (draft.pk, "queued", TEXT) == (row.pk, row.state, row.text)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        pytest.param({"text": " \n "}, InvalidReply, id="nothing is written"),
        pytest.param({"text": "x" * 50_001}, InvalidReply, id="far too much"),
        pytest.param({"cc": ["nobody"]}, InvalidCc, id="a copy to no address"),
        pytest.param({"cc": [f"c{n}@copy.example" for n in range(21)]}, InvalidCc, id="too many copies"),
        pytest.param({"send_at": NOW}, InvalidSendTime, id="sent in the past"),
        pytest.param({"send_at": NOW + timedelta(days=366)}, InvalidSendTime, id="sent in a year"),
        pytest.param({"undo_seconds": 4}, InvalidUndo, id="too short an undo"),
        pytest.param({"undo_seconds": 121}, InvalidUndo, id="too long an undo"),
    ],
)
def test_an_invalid_reply_is_refused(replied, customer, given, refusal):
    with pytest.raises(refusal):
        send(customer, replied, **given)
    assert rows() == []


def test_a_scheduled_reply_waits_for_its_time_and_at_least_for_the_undo(replied, customer):
    tomorrow = NOW + timedelta(days=1)
    assert send(customer, replied, send_at=tomorrow).send_at == tomorrow
    soon = send(customer, replied, text="Soon", send_at=NOW + timedelta(seconds=1), anyway=True)
    assert soon.send_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize(
    "cc", [pytest.param([], id="the recipient"), pytest.param(["No@Lead.example"], id="somebody who gets a copy")]
)
def test_suppressed_people_get_nothing(replied, customer, acme, cc):
    address = "no@lead.example" if cc else LEAD
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(organization=acme, email=address, reason="unsubscribe", first_at=NOW, last_at=NOW)
    with pytest.raises(CannotSend) as refused:
        send(customer, replied, cc=cc)
    assert address in str(refused.value)
    assert (outbox.sender_of(contact()).problem is None) == bool(cc)


@pytest.mark.parametrize("status", ["paused", "suspended", "connection_error", "sending_error", "error", "maintenance"])
def test_an_account_that_cannot_send_is_named_before_anybody_types(
    acme_connection, deliver, conversation, customer, status
):
    factories.email_account(acme_connection, status=status)
    deliver("reply_received", "10:00", email_id="mail-1")
    problem = outbox.sender_of(contact()).problem
    assert "sender@sender.example" in str(problem)
    with translation.override("de"):
        assert "E-Mail-Konto" in str(problem) or "Postfach" in str(problem)
    with pytest.raises(CannotSend):
        send(customer, conversation())


def test_a_missing_account_and_a_mail_without_an_id_are_problems(deliver):
    deliver("reply_received", "10:00")
    assert "id" in str(outbox.sender_of(contact()).problem)
    deliver("reply_received", "11:00", email_id="mail-2")
    assert "is not in the workspace" in str(outbox.sender_of(contact()).problem)


def test_a_contact_who_never_wrote_cannot_be_answered(acme):
    person = factories.contact(acme)
    assert "has not written yet" in str(outbox.sender_of(person).problem)


def test_only_permitted_members_of_the_organization_reply(replied, customer, stranger, acme, viewer, operator):
    observer = factories.customer("observer@acme.example", acme, role=MembershipRole.OBSERVER)
    row = send(customer, replied)
    for user in (observer, viewer):
        for call in (
            lambda user=user: send(user, replied),
            lambda user=user: outbox.undo(in_scope(user), by=user, outbox_id=row.pk, now=NOW),
            lambda user=user: outbox.retry(in_scope(user), by=user, outbox_id=row.pk, now=NOW),
            lambda user=user: outbox.save_draft(in_scope(user), by=user, conversation_id=replied.pk, text="x", now=NOW),
            lambda user=user: outbox.resolve_unknown(in_scope(user), by=user, outbox_id=row.pk, was_sent=True, now=NOW),
        ):
            with pytest.raises(RoleTooLow):
                call()
    with pytest.raises(UnknownConversation):
        send(stranger, replied)
    for act in (outbox.undo, outbox.retry):
        with pytest.raises(UnknownReply):
            act(in_scope(stranger), by=stranger, outbox_id=row.pk, now=NOW)
    with pytest.raises(UnknownReply):
        outbox.resolve_unknown(in_scope(stranger), by=stranger, outbox_id=row.pk, was_sent=True, now=NOW)
    assert [(left.state, left.text) for left in rows()] == [("queued", TEXT)]
    assert outbox.undo(in_scope(operator), by=operator, outbox_id=row.pk, now=NOW)


def test_a_failed_reply_is_tried_again_unless_something_came(replied, deliver, customer):
    row = send(customer, replied)
    with pytest.raises(CannotRetry):
        outbox.retry(in_scope(customer), by=customer, outbox_id=row.pk, now=LATER)
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="failed", attempts=3)
    again = outbox.retry(in_scope(customer), by=customer, outbox_id=row.pk, now=LATER)
    assert (again.state, again.attempts, again.send_at) == ("queued", 0, LATER + timedelta(seconds=5))
    deliver("reply_received", "16:00", email_id="mail-2")
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="failed")
    with pytest.raises(NewerMail):
        outbox.retry(in_scope(customer), by=customer, outbox_id=row.pk, now=LATER)


@pytest.mark.parametrize(
    ("was_sent", "state"), [pytest.param(True, "sent", id="sent"), pytest.param(False, "draft", id="not sent")]
)
def test_a_person_resolves_an_unknown_outcome(replied, customer, was_sent, state):
    row = send(customer, replied)
    with pytest.raises(NothingToDecide):
        outbox.resolve_unknown(in_scope(customer), by=customer, outbox_id=row.pk, was_sent=was_sent, now=LATER)
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.update(state="unknown", sending_at=LATER)
    outbox.resolve_unknown(in_scope(customer), by=customer, outbox_id=row.pk, was_sent=was_sent, now=LATER)
    assert fresh(row).state == state


def test_a_reply_stays_with_who_wrote_it_and_keeps_its_contact(acme, globex, shared_connection, customer, conversation):
    campaign = factories.campaign(shared_connection, organization=acme)
    factories.email_account(shared_connection)
    delivered(campaign, "reply_received", "10:00", email_id="mail-1")
    row = send(customer, conversation())
    move_campaign(campaign.pk, globex.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.filter(organization=acme, email=LEAD).exists()
    assert fresh(row).organization_id == acme.pk
    assert outbox.undo(in_scope(customer), by=customer, outbox_id=row.pk, now=NOW)


def test_erasing_deletes_drafts_and_empties_what_was_sent(replied, acme, customer, maria):
    sent, queued = send(customer, replied), send(maria, replied, text="More", anyway=True)
    other = factories.contact(acme, "eve@else.example")
    naming = factories.outbox_message(other, customer, text=f"Ask {LEAD}", cc=[LEAD, "dan@copy.example"])
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.filter(pk=sent.pk).update(state="sent", cc=["x@lead.example"], sent_at=NOW)
    outbox.save_draft(in_scope(maria), by=maria, conversation_id=replied.pk, text="Hi", now=NOW)
    erase_contact(organization=acme, email=LEAD, now=NOW)
    left = {row.pk: row for row in rows()}
    assert set(left) == {sent.pk, naming.pk} and queued.pk not in left
    gone = left[sent.pk]
    assert (gone.text, gone.cc, gone.subject, gone.sent_at) == ("", [], "", NOW)
    assert LEAD not in left[naming.pk].text and left[naming.pk].cc == ["dan@copy.example"]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_send_at_once_are_one_reply_and_one_refusal(replied, customer, maria, empty_queue):
    answers: list[str] = []

    def answer(user: Any) -> None:
        try:
            answers.append(send(user, replied, text=f"By {user.email}").state)
        except NewerMail as refused:
            answers.append(refused.newer.kind)
        finally:
            connection.close()

    threads = [Thread(target=answer, args=[user]) for user in (customer, maria)]
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        Conversation.objects.select_for_update().get()
        for thread in threads:
            thread.start()
        until_somebody_waits_for_a_lock(2)
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["on_the_way", "queued"]
    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_recorded_while_somebody_sends_is_seen(campaign: Campaign, replied, customer, empty_queue):
    """The mail's transaction holds a lock on the conversation; the reply waits for it and then compares versions."""
    answers: list[str] = []

    def answer() -> None:
        try:
            answers.append(send(customer, replied).state)
        except NewerMail as refused:
            answers.append(refused.newer.kind)
        finally:
            connection.close()

    thread = Thread(target=answer)
    with transaction.atomic():
        delivered(campaign, "reply_received", "12:00", email_id="mail-2")
        thread.start()
        until_somebody_waits_for_a_lock()
    thread.join(30)
    assert answers == ["mail"]
