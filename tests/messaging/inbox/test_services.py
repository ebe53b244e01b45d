"""People's changes of conversations: valid until a later message they had not seen."""

from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry, Organization
from accounts.permissions import RoleTooLow
from instantly.webhooks.store import store_raw
from messaging.choices import DoneReason
from messaging.inbox import services
from messaging.inbox.events import PAYLOADS
from messaging.inbox.recount import differences
from messaging.inbox.refusals import InvalidAssignee, SnoozeInThePast, UnknownConversation
from messaging.models import ContactLabel, Conversation, Event, Note
from salesbrain import rls
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 10, 15, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


def in_scope(user):
    """Return the scope of a customer's request; for staff, their scope in Acme."""
    if not user.is_staff:
        return user.scope_in()
    with rls.scope(rls.SYSTEM):
        return user.scope_in(Organization.objects.get(slug="acme").pk)


@pytest.fixture
def replied(deliver, conversation):
    deliver("reply_received", "10:00", email_id="mail-1")
    return conversation()


def log() -> list[Event]:
    with rls.scope(rls.SYSTEM):
        return list(Event.objects.filter(type__startswith="conversation_").order_by("id"))


def payload(event: Event) -> dict[str, Any]:
    assert isinstance(event.payload, dict)
    return event.payload


def state(row: Conversation) -> tuple[str, str]:
    return row.state, row.done_reason


def test_a_reply_reopens_what_was_done_and_marks_it_unread(replied, deliver, conversation, customer):
    assert services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    row = conversation()
    assert (*state(row), row.is_unread) == ("done", "handled", False)
    deliver("reply_received", "16:00", email_id="mail-2")
    row = conversation()
    assert (*state(row), row.is_unread, row.waiting_since) == ("open", "", True, datetime(2026, 7, 10, 16, tzinfo=UTC))
    assert list(differences()) == []


def test_a_reply_recorded_later_reopens_regardless_of_its_own_time(replied, deliver, conversation, customer):
    deliver("manual_email_sent", "11:00")
    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    deliver("reply_received", "09:00", email_id="mail-0")
    row = conversation()
    assert (row.state, row.is_unread) == ("open", True)
    assert list(differences()) == []


def test_a_reply_that_waited_under_an_older_number_reopens_too(replied, campaign, deliver, conversation, customer):
    """The reply's campaign was unknown, so it has a lower event id than the seen one, but is recorded after the person's change."""
    held = deliver("reply_received", "09:00", email_id="held", campaign_id="unknown-campaign")
    deliver("reply_received", "10:30", email_id="mail-2")
    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        from campaigns.models import Campaign

        Campaign.objects.create(
            connection=campaign.connection,
            organization=campaign.organization,
            provider_id="unknown-campaign",
            name="New",
        )
    from instantly.processing.batch import process_pending, release_held

    release_held()
    process_pending()
    assert payload(log()[0])["seen"] > held
    assert conversation().state == "open"
    assert list(differences()) == []


def test_a_mail_not_on_the_persons_screen_counts_as_unseen(replied, deliver, conversation, customer):
    with rls.scope(rls.SYSTEM):
        on_screen = Event.objects.latest("id").pk
    deliver("reply_received", "10:30", email_id="mail-2")
    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW, seen=on_screen)
    assert conversation().state == "open"
    assert list(differences()) == []


def test_a_mail_reported_again_by_the_inbox_reopens_nothing(replied, deliver, conversation, customer, campaign):
    import orjson

    from instantly.processing.batch import process_pending
    from messaging.choices import Origin

    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    body = {
        "timestamp": "2026-07-10T10:00:01.000Z", "event_type": "reply_received", "workspace": campaign.connection.workspace_id,
        "campaign_id": campaign.provider_id, "lead_email": "lead@lead.example", "email_id": "mail-1", "reply_text": "Yes, at 10:00",
        "reply_subject": "Re: Hello", "email_account": "sender@sender.example", "step": 1, "variant": 1,
    }  # fmt: skip
    before = conversation().version
    store_raw(campaign.connection_id, orjson.dumps(body), origin=Origin.BACKFILL)
    process_pending()
    assert (conversation().state, conversation().version) == ("done", before)
    assert list(differences()) == []


def test_our_mail_sent_before_a_persons_change_and_listed_after_it_changes_nothing(
    replied, deliver, conversation, customer
):
    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    deliver("manual_email_sent", "14:00")
    assert conversation().state == "done"
    deliver("manual_email_sent", "16:00")
    assert conversation().state == "waiting"
    assert list(differences()) == []


def test_a_snooze_ends_with_a_reply_and_can_be_taken_back(replied, deliver, conversation, customer):
    assert services.snooze(in_scope(customer), by=customer, conversation_id=replied.pk, until=TOMORROW, now=NOW)
    assert not services.snooze(in_scope(customer), by=customer, conversation_id=replied.pk, until=TOMORROW, now=NOW), (
        "is so already"
    )
    row = conversation()
    assert (row.state, row.snoozed_until) == ("snoozed", TOMORROW)
    assert services.reopen(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    assert (conversation().state, conversation().snoozed_until) == ("open", None)
    services.snooze(in_scope(customer), by=customer, conversation_id=replied.pk, until=TOMORROW, now=NOW)
    deliver("reply_received", "16:00", email_id="mail-2")
    assert (conversation().state, conversation().snoozed_until) == ("open", None)
    assert list(differences()) == []
    with pytest.raises(SnoozeInThePast):
        services.snooze(in_scope(customer), by=customer, conversation_id=replied.pk, until=NOW, now=NOW)


def test_marking_unread_keeps_the_state(replied, deliver, conversation, customer):
    version = replied.version
    services.mark_read(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    services.mark_unread(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    assert conversation().is_unread
    deliver("manual_email_sent", "16:00")
    assert conversation().is_unread, "until somebody reads it"
    services.mark_read(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    assert not conversation().is_unread
    assert conversation().version == version + 1, "of all this only the mail"
    assert list(differences()) == []


def test_labels_notes_and_assignee(replied, conversation, customer, operator, stranger):
    assert services.label(in_scope(customer), by=customer, conversation_id=replied.pk, name="  Big  deal ", now=NOW)
    assert not services.label(in_scope(operator), by=operator, conversation_id=replied.pk, name="Big deal", now=NOW)
    assert services.note(in_scope(operator), by=operator, conversation_id=replied.pk, text="Calls back", now=NOW)
    assert services.assign(
        in_scope(customer), by=customer, conversation_id=replied.pk, assignee_id=operator.pk, now=NOW
    )
    with pytest.raises(InvalidAssignee):
        services.assign(in_scope(customer), by=customer, conversation_id=replied.pk, assignee_id=stranger.pk, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert list(ContactLabel.objects.values_list("name", flat=True)) == ["Big deal"]
        assert list(Note.objects.values_list("text", "author_name")) == [("Calls back", "operator@salesbrain.example")]
    assert (conversation().assignee_id, conversation().version) == (operator.pk, replied.version)
    assert services.unlabel(in_scope(customer), by=customer, conversation_id=replied.pk, name="Big deal", now=NOW)
    assert not services.unlabel(in_scope(customer), by=customer, conversation_id=replied.pk, name="Big deal", now=NOW)
    assert [(event.type, event.detail, event.origin) for event in log()] == [
        ("conversation_labelled", "Big deal", "customer"),
        ("conversation_noted", "", "staff"),
        ("conversation_assigned", "", "customer"),
        ("conversation_unlabelled", "Big deal", "customer"),
    ]
    assert list(differences()) == []


def test_every_change_is_an_event_with_exactly_its_payload_and_an_audit_entry(replied, customer, operator, admin):
    services.mark_read(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    services.mark_unread(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    services.snooze(in_scope(customer), by=customer, conversation_id=replied.pk, until=TOMORROW, now=NOW)
    services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW, reason=DoneReason.WRONG_PERSON)
    services.reopen(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
    services.assign(in_scope(customer), by=customer, conversation_id=replied.pk, assignee_id=customer.pk, now=NOW)
    services.label(in_scope(customer), by=customer, conversation_id=replied.pk, name="VIP", now=NOW)
    services.unlabel(in_scope(customer), by=customer, conversation_id=replied.pk, name="VIP", now=NOW)
    services.note(in_scope(customer), by=customer, conversation_id=replied.pk, text="Hm", now=NOW)
    told = {event.type: payload(event) for event in log()}
    assert set(told) == set(PAYLOADS)
    for type, held in told.items():
        assert set(held) == set(PAYLOADS[type]) and held["by"] == str(customer.pk)
    times = [event.happened_at for event in log()[:5]]
    assert len(set(times)) == 5 and sorted(times) == times, "said in order, told in order"
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action__startswith="conversation.").count() == len(PAYLOADS)


def test_other_organizations_conversations_cannot_be_changed(replied, customer, stranger, viewer):
    """Every service refuses other organizations' ids (see the isolation proof); here the refusal's sentence is checked."""
    for id in (replied.pk, uuid4()):
        with pytest.raises(UnknownConversation, match="There is no such conversation"):
            services.done(in_scope(stranger), by=stranger, conversation_id=id, now=NOW)
    with pytest.raises(RoleTooLow, match="observer"):
        services.done(viewer.scope_in(replied.organization_id), by=viewer, conversation_id=replied.pk, now=NOW)
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_a_reply_recorded_while_somebody_closes_the_conversation_is_not_lost(replied, deliver, conversation, customer):
    """The worker began earlier and waits for the conversation; it then considers both the person's change and its own mail."""
    closed, may_commit = Signal(), Signal()

    def close() -> None:
        with transaction.atomic():
            services.done(in_scope(customer), by=customer, conversation_id=replied.pk, now=NOW)
            closed.set()
            may_commit.wait(20)
        connection.close()

    def record() -> None:
        deliver("reply_received", "09:00", email_id="mail-0")
        connection.close()

    closer, recorder = Thread(target=close), Thread(target=record)
    closer.start()
    assert closed.wait(20)
    recorder.start()
    until_somebody_waits_for_a_lock()
    may_commit.set()
    for thread in (closer, recorder):
        thread.join(20)
    assert conversation().state == "open"
    assert list(differences()) == []
