"""Undo of a person's change of a conversation: state restored, unless something newer happened."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.choices import DoneReason
from messaging.inbox import blocking, services
from messaging.inbox.recount import differences
from messaging.inbox.undoing import LASTS, undo_change
from messaging.models import ContactLabel, Conversation, Note, Suppression
from salesbrain import rls

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 10, 15, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
FIELDS = ("state", "done_reason", "snoozed_until", "is_unread", "assignee_id", "waiting_since", "category")


def shown(row: Conversation) -> tuple:
    with rls.scope(rls.SYSTEM):
        labels = sorted(ContactLabel.objects.filter(contact=row.pk).values_list("name", flat=True))
        notes = sorted(Note.objects.filter(contact=row.pk).values_list("text", flat=True))
    return (*(getattr(row, name) for name in FIELDS), labels, notes)


BEFORE = {
    "new": lambda act: None,
    "read": lambda act: act(services.mark_read),
    "snoozed": lambda act: act(services.snooze, until=NOW + timedelta(days=2)),
    "done": lambda act: act(services.done, reason=DoneReason.OTHER),
    "labelled": lambda act: act(services.label, name="VIP"),
}
ACTIONS = {
    "done": lambda act: act(services.done),
    "snooze": lambda act: act(services.snooze, until=NOW + timedelta(days=9)),
    "reopen": lambda act: act(services.reopen),
    "unread": lambda act: act(services.mark_unread),
    "label": lambda act: act(services.label, name="Hot"),
    "unlabel": lambda act: act(services.unlabel, name="VIP"),
    "note": lambda act: act(services.note, text="Calls back"),
    "assign": lambda act: act(services.assign, assignee_id="me"),
}


@pytest.fixture
def act(customer, conversation, deliver):
    """Return a function that calls a service one minute later each time, on the conversation of a reply."""
    deliver("reply_received", "10:00", email_id="mail-1")
    at = [NOW - timedelta(minutes=30)]

    def call(service, **given):
        at[0] += timedelta(minutes=1)
        given = {name: customer.pk if value == "me" else value for name, value in given.items()}
        return service(customer.scope_in(), by=customer, conversation_id=conversation().pk, now=at[0], **given)

    return call


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("action", ACTIONS)
def test_an_undo_restores_the_previous_state(act, conversation, before, action):
    BEFORE[before](act)
    was = shown(conversation())
    if ACTIONS[action](act):
        assert shown(conversation()) != was
        assert act(undo_change)
    assert shown(conversation()) == was
    assert list(differences()) == []


def test_an_undo_makes_a_waiting_conversation_wait_again(act, deliver, conversation):
    deliver("manual_email_sent", "11:00")
    assert conversation().state == "waiting"
    act(services.done)
    assert act(undo_change) and conversation().state == "waiting"
    deliver("reply_received", "12:00", email_id="mail-2")
    assert conversation().state == "open" and list(differences()) == []


def test_a_reply_that_came_since_beats_the_undo(act, deliver, conversation):
    act(services.done)
    deliver("reply_received", "12:00", email_id="mail-2")
    assert not act(undo_change) and conversation().state == "open"


def test_an_undo_after_a_later_change_does_nothing(act, conversation, customer, operator):
    act(services.done)
    id = conversation().pk
    scope = operator.scope_in(conversation().organization_id)
    services.snooze(scope, by=operator, conversation_id=id, until=NOW + timedelta(days=3), now=LATER)
    assert not undo_change(customer.scope_in(), by=customer, conversation_id=id, now=LATER)
    assert conversation().state == "snoozed"
    assert undo_change(scope, by=operator, conversation_id=id, now=LATER) and conversation().state == "done"


def test_an_undo_is_possible_for_two_minutes_only(act, conversation, customer):
    act(services.done)
    late = NOW - timedelta(minutes=29) + LASTS + timedelta(seconds=1)
    assert not undo_change(customer.scope_in(), by=customer, conversation_id=conversation().pk, now=late)


def test_a_block_is_taken_back_by_whoever_made_it(act, conversation, customer, operator):
    assert act(blocking.block) and not act(blocking.block)
    with rls.scope(rls.SYSTEM):
        assert Suppression.objects.in_force().get().email == "lead@lead.example"
    scope, id = operator.scope_in(conversation().organization_id), conversation().pk
    assert not blocking.unblock(scope, by=operator, conversation_id=id, now=NOW - timedelta(minutes=28))
    assert blocking.unblock(customer.scope_in(), by=customer, conversation_id=id, now=NOW - timedelta(minutes=28))
    with rls.scope(rls.SYSTEM):
        assert not Suppression.objects.in_force().exists()
