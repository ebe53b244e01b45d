"""Undo a user's own latest change of a conversation, from the previous state stored in its event.

An undo is a change like any other: it has an event, and a mail recorded in the meantime takes precedence.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.services import record_audit
from messaging.choices import ConversationState
from messaging.events import (
    CONVERSATION_ASSIGNED,
    CONVERSATION_DONE,
    CONVERSATION_LABELLED,
    CONVERSATION_NOTED,
    CONVERSATION_READ,
    CONVERSATION_REOPENED,
    CONVERSATION_SNOOZED,
    CONVERSATION_UNLABELLED,
    CONVERSATION_UNREAD,
    STATE_CHANGES,
)
from messaging.models import ContactLabel, Conversation, Event, Note
from salesbrain import rls

from .changes import Change, changing
from .services import choose, mark, may_take_care, touch

LASTS = timedelta(minutes=2)
"""Time in which a change can be undone; pages offer it for ten seconds only."""

TYPE_OF_STATE: Mapping[str, str] = {
    ConversationState.SNOOZED: CONVERSATION_SNOOZED,
    ConversationState.DONE: CONVERSATION_DONE,
    ConversationState.OPEN: CONVERSATION_REOPENED,
    ConversationState.WAITING: CONVERSATION_REOPENED,
}
Undo = Callable[[Change, Event, Mapping[str, Any]], bool]


@customer_service(Permission.SNOOZE)
def undo_change(
    scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime, event_id: int | None = None
) -> bool:
    """Undo a change that `by` made in the last two minutes (without `event_id`: their latest one), and return whether that was possible. It
    is impossible after a later change or a later reply. Raises UnknownConversation.
    """
    with changing(scope, conversation_id, by=by, now=now) as change:
        own = Event.objects.filter(
            organization=scope.organization, contact=change.contact, type__in=UNDOING, payload__by=str(by.pk)
        )
        event = (own.filter(pk=event_id) if event_id else own).order_by("-id").first()
        if event is None or change.now - event.happened_at > LASTS:
            return False
        return UNDOING[event.type](change, event, event.payload or {})


def _undo_state(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    row, was = change.conversation, payload["was"]
    if row.chosen_at != event.happened_at or row.state != payload["state"]:
        return False
    until = datetime.fromisoformat(was["until"]) if was["until"] else None
    state = ConversationState(was["state"])
    choose(change, TYPE_OF_STATE[state], state, payload["seen"], reason=was["reason"], until=until)
    if was["unread"]:
        mark(change, CONVERSATION_UNREAD, 0, 0)
    return True


def _undo_unread(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    if change.conversation.read_at != event.happened_at:
        return False
    was = payload["was"]
    mark(change, CONVERSATION_READ, was["seen"] or 0, was["replies"] or 0)
    return True


def _undo_assigned(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    row, was = change.conversation, payload["was"]["assignee"]
    if str(row.assignee_id or "") != (payload["assignee"] or ""):
        return False
    if was and not may_take_care(UUID(was), row.organization_id):  # whoever had it has left, or only observes by now
        return False
    Conversation.objects.filter(pk=row.pk).update(assignee_id=was, updated_at=change.now)
    change.write(CONVERSATION_ASSIGNED, assignee=was, was={"assignee": row.assignee_id})
    return True


def _undo_labelled(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    own = ContactLabel.objects.filter(organization=change.contact.organization_id, contact=change.contact)
    gone, _ = own.filter(name=event.detail).delete()
    if gone:
        touch(change)
        change.write(CONVERSATION_UNLABELLED, detail=event.detail)
    return bool(gone)


def _undo_unlabelled(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    _, is_new = ContactLabel.objects.get_or_create(
        organization_id=change.contact.organization_id, contact=change.contact, name=event.detail
    )
    if is_new:
        touch(change)
        change.write(CONVERSATION_LABELLED, detail=event.detail)
    return is_new


def _undo_noted(change: Change, event: Event, payload: Mapping[str, Any]) -> bool:
    gone, _ = Note.objects.filter(
        organization=change.contact.organization_id, contact=change.contact, pk=payload["note"]
    ).delete()
    if gone:
        touch(change)
        record_audit(action="conversation.note_undone", actor=change.by, target=change.conversation)
    return bool(gone)


UNDOING: Mapping[str, Undo] = {
    **dict.fromkeys(STATE_CHANGES, _undo_state),
    CONVERSATION_UNREAD: _undo_unread,
    CONVERSATION_ASSIGNED: _undo_assigned,
    CONVERSATION_LABELLED: _undo_labelled,
    CONVERSATION_UNLABELLED: _undo_unlabelled,
    CONVERSATION_NOTED: _undo_noted,
}
