# ruff: noqa: F811  a fixture is redefined by whoever asks for it
"""Mails from the inbox that no webhook reports (manual, of no campaign): messages without stats."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from instantly.connections.services import client_for
from instantly.erasure import erase_contact
from instantly.processing.batch import process_pending
from instantly.reconciliation.drift import compare_totals
from instantly.webhooks.store import store_raw
from messaging.choices import MessageKind
from messaging.events import AI_AGENT_EMAIL_SENT
from messaging.inbox import thread
from messaging.inbox.recount import differences
from messaging.models import Contact, Conversation, Message
from messaging.stats_rebuild import differences as figures_differ
from salesbrain import rls
from tests.instantly.reconciliation.test_service import fake, living, now_of, process_and_count, receiver, reconcile  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet(fake, living):
    """Record some simulated events, then stop sending and answering."""
    fake.advance(120)
    process_and_count()
    fake.set_rate(0)
    fake.advance(1200)
    process_and_count()
    fake.simulation.habits = replace(fake.simulation.habits, answer_manual=0.0)
    return living


def received(space):
    return next(mail for mail in space.emails if mail["ue_type"] == 2 and not mail["is_auto_reply"])


def answer(connection, mail, html="Thank you"):
    with client_for(connection) as client:
        return client.reply(mail["id"], email_account=mail["eaccount"], subject=f"Re: {mail['subject']}", html=html)


def manual() -> list[Message]:
    with rls.scope(rls.SYSTEM):
        return list(Message.objects.filter(kind=MessageKind.MANUAL).select_related("contact", "campaign"))


def conversation(email: str) -> Conversation:
    with rls.scope(rls.SYSTEM):
        contact = Contact.objects.get(email=email)
        return Conversation.objects.get(pk=contact.pk)


def test_an_answer_written_at_instantly_is_a_message_and_makes_the_conversation_wait(quiet, fake, acme_connection):
    mail = received(quiet)
    assert conversation(mail["lead"]).state == "open"
    before = process_and_count()
    sent = answer(acme_connection, mail)
    fake.advance(60)
    assert reconcile(acme_connection, fake).from_manual == 1
    (message,) = manual()
    assert (message.direction, message.email_id, message.thread_id) == ("out", sent.id, mail["thread_id"])
    assert (message.contact.email, message.body_text) == (mail["lead"], "Thank you")
    assert message.campaign and message.campaign.provider_id == mail["campaign_id"]
    row = conversation(mail["lead"])
    assert (row.state, row.is_unread, row.waiting_since) == ("waiting", False, None)
    assert process_and_count() == before and figures_differ() == []
    assert reconcile(acme_connection, fake, full=True).from_manual == 0, "once"
    assert list(differences()) == []


def test_an_answer_of_instantlys_agent_is_distinguished_from_ours(quiet, fake, acme_connection):
    """The mail has the ue_type that the emulator assumes for agents, because the vendor's document names none."""
    mail = received(quiet)
    process_and_count()
    fake.answer_by_agent(quiet.id, mail["id"], "Gladly", agent="019ffad2-5c98-7531-9735-e1a721735ad8")
    fake.advance(60)
    assert reconcile(acme_connection, fake).from_manual == 1
    (message,) = manual()
    assert conversation(mail["lead"]).state == "waiting"
    with rls.scope(rls.SYSTEM):
        (found,) = [row for row in thread.page(message.contact).messages if row.pk == message.pk]
        assert (found.told_as, found.author) == (AI_AGENT_EMAIL_SENT, "")
    assert reconcile(acme_connection, fake, full=True).from_manual == 0, "once"


def test_manual_mails_do_not_change_drift(quiet, fake, acme_connection):
    reconcile(acme_connection, fake, full=True)
    with client_for(acme_connection) as client:
        before = [drift.as_dict() for drift in compare_totals(acme_connection, client)]
        answer(acme_connection, received(quiet))
        fake.advance(60)
        reconcile(acme_connection, fake)
        assert [drift.as_dict() for drift in compare_totals(acme_connection, client)] == before and manual()


def test_a_strangers_mail_is_found_by_the_nightly_walk(quiet, fake, acme, acme_connection):
    account = received(quiet)["eaccount"]
    fake.receive_mail(quiet.id, account=account, sender="Eve <EVE@else.example>", subject="Hello", text="Who are you?")
    fake.receive_mail(quiet.id, account=account, sender="not an address", subject="Hello", text="Hm")
    fake.receive_mail(quiet.id, account=account, sender=account, subject="Hello", text="Our own")
    fake.advance(60)
    reconcile(acme_connection, fake, full=True)
    (message,) = manual()
    assert (message.contact.email, message.direction, message.campaign) == ("eve@else.example", "in", None)
    row = conversation("eve@else.example")
    assert (row.organization_id, row.state, row.is_untracked) == (acme.pk, "open", True)


def test_an_automatic_answer_of_no_campaign_opens_nothing(quiet, fake, acme_connection):
    account = received(quiet)["eaccount"]
    fake.receive_mail(
        quiet.id, account=account, sender="eve@else.example", subject="Away", text="Back soon", automatic=True
    )
    fake.advance(60)
    reconcile(acme_connection, fake, full=True)
    assert manual()[0].is_auto_reply and conversation("eve@else.example").state == "waiting"


def test_a_manual_mail_of_a_shared_workspace_is_the_houses(fake, house, shared_connection, workspace, sync):
    space = workspace(shared_connection)
    sync(shared_connection)
    account = next(iter(space.accounts))["email"]
    fake.receive_mail(space.id, account=account, sender="eve@else.example", subject="Hello", text="Who are you?")
    fake.advance(600)
    reconcile(shared_connection, fake, full=True, since=now_of(fake) - timedelta(hours=1))
    assert conversation("eve@else.example").organization_id == house.pk


def test_scheduled_mails_are_left_to_the_time_they_are_sent(quiet, fake, acme_connection):
    mail = received(quiet)
    fake.schedule_mail(quiet.id, mail["id"], "Later", seconds=7200)
    fake.advance(60)
    reconcile(acme_connection, fake, full=True)
    assert manual() == []


def test_the_apis_thread_replaces_the_deliverys(quiet, fake, acme_connection):
    mail = received(quiet)
    with rls.scope(rls.SYSTEM):
        before = Message.objects.get(email_id=mail["id"]).thread_id
    assert before and before.startswith("f1-")
    reconcile(acme_connection, fake, full=True)
    with rls.scope(rls.SYSTEM):
        assert Message.objects.get(email_id=mail["id"]).thread_id == mail["thread_id"]


def test_mails_of_an_erased_person_are_not_stored_again(quiet, fake, acme, acme_connection):
    mail = received(quiet)
    answer(acme_connection, mail, html="Dear secret friend")
    fake.advance(60)
    reconcile(acme_connection, fake)
    erase_contact(organization=acme, email=mail["lead"], now=now_of(fake))
    (message,) = manual()
    assert message.body_text is None and message.email_id is None
    reconcile(acme_connection, fake, full=True)
    assert [row.pk for row in manual()] == [message.pk] and manual()[0].body_text is None
    assert list(differences()) == []


def test_mails_that_could_not_be_listed_are_fetched_by_the_next_run(quiet, fake, acme_connection):
    reconcile(acme_connection, fake)
    answer(acme_connection, received(quiet))
    fake.advance(60)
    fake.faults.add("status", path="*/emails", status=400, times=1)
    report = reconcile(acme_connection, fake)
    assert report.status == "succeeded" and "written by hand" in " ".join(report.problems)
    assert manual() == []
    assert reconcile(acme_connection, fake).from_manual == 1


def test_a_mail_of_another_workspace_cannot_be_named(acme_connection, globex_connection):
    """Message keys include the organization: a delivery with another organization's mail id creates a mail of its own."""
    for connection in (acme_connection, globex_connection):
        body = {
            "timestamp": "2026-07-10T12:00:00.000Z", "event_type": "manual_email_sent", "workspace": connection.workspace_id,
            "lead_email": "eve@else.example", "email_id": "mail-1", "email_text": connection.name, "email_subject": "Hello",
        }  # fmt: skip
        store_raw(connection.pk, orjson.dumps(body))
        process_pending()
    assert sorted((row.organization_id, row.body_text) for row in manual()) == sorted(
        [(acme_connection.organization_id, "acme"), (globex_connection.organization_id, "globex")]
    )
