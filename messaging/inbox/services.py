"""Changes of conversations by people: snooze, done, reopen, mark as read, assign, label, note.

Every service takes the caller's scope in one organization, the user (`by`) and `now`, and returns whether anything changed. `seen`: id of
the newest event on the person's screen; without it, the newest one counts as seen. All raise RoleTooLow and UnknownConversation.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.customer_services import customer_service
from accounts.models import Membership, User
from accounts.permissions import STAFF_AS_MEMBERS, Permission, member_may
from messaging.choices import ConversationState, DoneReason
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
)
from messaging.models import ContactLabel, Conversation, Note
from salesbrain import rls

from .changes import Change, changing
from .read_marks import queue_read_mark
from .refusals import InvalidAssignee, InvalidLabel, InvalidNote, InvalidReason, SnoozeInThePast

LONGEST_LABEL = 50
LONGEST_NOTE = 10_000
BY_PEOPLE = (
    DoneReason.HANDLED,
    DoneReason.NOT_INTERESTED,
    DoneReason.WRONG_PERSON,
    DoneReason.LEFT_COMPANY,
    DoneReason.OTHER,
)


@customer_service(Permission.SNOOZE)
def snooze(
    scope: rls.Scope, *, by: User, conversation_id: UUID, until: datetime, now: datetime, seen: int | None = None
) -> bool:
    """Snooze a conversation until a time, or until the person writes. Raises SnoozeInThePast."""
    if until <= now:
        raise SnoozeInThePast
    with changing(scope, conversation_id, by=by, now=now) as change:
        row = change.conversation
        if row.state == ConversationState.SNOOZED and row.snoozed_until == until:
            return False
        choose(change, CONVERSATION_SNOOZED, ConversationState.SNOOZED, seen, until=until)
        return True


@customer_service(Permission.SNOOZE)
def done(
    scope: rls.Scope,
    *,
    by: User,
    conversation_id: UUID,
    now: datetime,
    reason: DoneReason = DoneReason.HANDLED,
    seen: int | None = None,
) -> bool:
    """Close a conversation. A reply recorded after what the person had seen opens it again. Raises InvalidReason."""
    if reason not in BY_PEOPLE:
        raise InvalidReason
    with changing(scope, conversation_id, by=by, now=now) as change:
        if (change.conversation.state, change.conversation.done_reason) == (ConversationState.DONE, reason):
            return False
        choose(change, CONVERSATION_DONE, ConversationState.DONE, seen, reason=DoneReason(reason).value)
        return True


@customer_service(Permission.SNOOZE)
def reopen(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime, seen: int | None = None) -> bool:
    """Set a conversation to open, whatever its state."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        if change.conversation.state == ConversationState.OPEN:
            return False
        choose(change, CONVERSATION_REOPENED, ConversationState.OPEN, seen)
        return True


@customer_service(Permission.MARK_READ)
def mark_read(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime, seen: int | None = None) -> bool:
    """Mark a conversation as read, up to what the person had seen."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        if not change.conversation.is_unread:
            return False
        known = change.seen(seen)
        mark(change, CONVERSATION_READ, known.event, known.replies)
        queue_read_mark(change.contact)
        return True


@customer_service(Permission.MARK_READ)
def mark_unread(scope: rls.Scope, *, by: User, conversation_id: UUID, now: datetime) -> bool:
    """Mark a conversation as unread, until somebody reads it."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        if change.conversation.is_unread:
            return False
        mark(change, CONVERSATION_UNREAD, 0, 0)
        return True


@customer_service(Permission.ASSIGN)
def assign(scope: rls.Scope, *, by: User, conversation_id: UUID, assignee_id: UUID | None, now: datetime) -> bool:
    """Assign a conversation to somebody who may answer it (`may_take_care`); None: to nobody. Raises InvalidAssignee."""
    with changing(scope, conversation_id, by=by, now=now) as change:
        row = change.conversation
        if assignee_id is not None and not may_take_care(assignee_id, row.organization_id):
            raise InvalidAssignee
        if row.assignee_id == assignee_id:
            return False
        Conversation.objects.filter(pk=row.pk).update(assignee_id=assignee_id, updated_at=now)
        change.write(CONVERSATION_ASSIGNED, assignee=assignee_id, was={"assignee": row.assignee_id})
        return True


@customer_service(Permission.LABEL)
def label(scope: rls.Scope, *, by: User, conversation_id: UUID, name: str, now: datetime) -> bool:
    """Put a label on a conversation's contact. Raises InvalidLabel."""
    name = _label(name)
    with changing(scope, conversation_id, by=by, now=now) as change:
        _, is_new = ContactLabel.objects.get_or_create(
            organization_id=change.conversation.organization_id, contact=change.contact, name=name
        )
        if is_new:
            touch(change)
            change.write(CONVERSATION_LABELLED, detail=name)
        return is_new


@customer_service(Permission.LABEL)
def unlabel(scope: rls.Scope, *, by: User, conversation_id: UUID, name: str, now: datetime) -> bool:
    """Take a label off a conversation's contact. Raises InvalidLabel."""
    name = _label(name)
    with changing(scope, conversation_id, by=by, now=now) as change:
        own = ContactLabel.objects.filter(organization=change.conversation.organization_id, contact=change.contact)
        gone, _ = own.filter(name=name).delete()
        if gone:
            touch(change)
            change.write(CONVERSATION_UNLABELLED, detail=name)
        return bool(gone)


@customer_service(Permission.NOTE)
def note(scope: rls.Scope, *, by: User, conversation_id: UUID, text: str, now: datetime) -> bool:
    """Add a note on a conversation's contact, for colleagues. Raises InvalidNote."""
    text = text.replace("\0", "").strip()
    if not text or len(text) > LONGEST_NOTE:
        raise InvalidNote
    with changing(scope, conversation_id, by=by, now=now) as change:
        written = Note.objects.create(
            organization_id=change.conversation.organization_id,
            contact=change.contact,
            text=text,
            author_id=by.pk,
            author_name=by.name or by.email,
        )
        touch(change)
        change.write(CONVERSATION_NOTED, note=written.pk)
        return True


def choose(
    change: Change,
    type: str,
    state: ConversationState,
    newest: int | None,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    """Store a state that a person chose, in the conversation's row and as an event."""
    row, seen = change.conversation, change.seen(newest)
    Conversation.objects.filter(pk=row.pk).update(
        chosen_state=state.value,
        chosen_reason=reason,
        chosen_until=until,
        chosen_at=change.now,
        chosen_seen=seen.event,
        chosen_replies=seen.replies,
        read_at=change.now,  # who decides has read it
        read_seen=seen.event,
        read_replies=seen.replies,
        updated_at=change.now,
    )
    change.write(
        type,
        detail=reason,
        state=state.value,
        reason=reason,
        until=until,
        seen=seen.event,
        replies=seen.replies,
        was=state_of(row),
    )


def state_of(row: Conversation) -> dict[str, Any]:
    """Return the values of a conversation's state that an undo restores."""
    return {"state": row.state, "reason": row.done_reason, "until": row.snoozed_until, "unread": row.is_unread}


def mark(change: Change, type: str, event: int, replies: int) -> None:
    """Store how far a person has read, in the conversation's row and as an event of `type`.

    `event`: id of the latest event seen; `replies`: number of human replies up to it.
    """
    row = change.conversation
    Conversation.objects.filter(pk=change.conversation.pk).update(
        read_at=change.now, read_seen=event, read_replies=replies, updated_at=change.now
    )
    change.write(type, seen=event, replies=replies, was={"seen": row.read_seen, "replies": row.read_replies})


def touch(change: Change) -> None:
    """Set `updated_at` after a change of related rows, such as labels and notes."""
    Conversation.objects.filter(pk=change.conversation.pk).update(updated_at=change.now)


def _label(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_LABEL:
        raise InvalidLabel
    return name


def may_take_care(user_id: UUID, organization_id: UUID) -> bool:
    """Return whether an active user may answer an organization's conversations: its members and owners, the agency's operators and admins.
    Observers and viewers may not, because they cannot change conversations. Needs SYSTEM scope.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return False
    own = Membership.objects.filter(user=user_id, organization=organization_id)
    role = STAFF_AS_MEMBERS.get(user.role) if user.is_staff else own.values_list("role", flat=True).first()
    return member_may(role or "", Permission.REPLY)
