"""People's changes of conversations: snooze, done, reopen, read marks, assignee, labels, notes.

Every function takes the conversation's id and the actor, finds the row in the actor's own scope, and returns whether anything changed.
`seen` is the newest event (its id) the person had on their screen; without it, the newest there is. `organization_id` is needed only
by customers of several organizations. All raise Conversation.DoesNotExist, NotAllowed, and ValueError for values that make no sense.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from accounts.models import Membership, User
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

from .changes import Change, changing

LONGEST_LABEL = 50
LONGEST_NOTE = 10_000
BY_PEOPLE = (
    DoneReason.HANDLED,
    DoneReason.NOT_INTERESTED,
    DoneReason.WRONG_PERSON,
    DoneReason.LEFT_COMPANY,
    DoneReason.OTHER,
)


def snooze(
    conversation_id: UUID,
    *,
    until: datetime,
    actor: User,
    now: datetime,
    seen: int | None = None,
    organization_id: UUID | None = None,
) -> bool:
    """Put a conversation away until a time, or until the person writes."""
    if until <= now:
        raise ValueError("A snooze ends in the future: name a later time.")
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        row = change.conversation
        if row.state == ConversationState.SNOOZED and row.snoozed_until == until:
            return False
        _choose(change, CONVERSATION_SNOOZED, ConversationState.SNOOZED, seen, until=until)
        return True


def done(
    conversation_id: UUID,
    *,
    actor: User,
    now: datetime,
    reason: DoneReason = DoneReason.HANDLED,
    seen: int | None = None,
    organization_id: UUID | None = None,
) -> bool:
    """Close a conversation. A reply recorded after what the person had seen opens it again."""
    if reason not in BY_PEOPLE:
        raise ValueError(f"{reason} is no reason of people: give one of {', '.join(BY_PEOPLE)}.")
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        if (change.conversation.state, change.conversation.done_reason) == (ConversationState.DONE, reason):
            return False
        _choose(change, CONVERSATION_DONE, ConversationState.DONE, seen, reason=reason.value)
        return True


def reopen(
    conversation_id: UUID, *, actor: User, now: datetime, seen: int | None = None, organization_id: UUID | None = None
) -> bool:
    """Put a conversation back among the open ones, whatever its state."""
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        if change.conversation.state == ConversationState.OPEN:
            return False
        _choose(change, CONVERSATION_REOPENED, ConversationState.OPEN, seen)
        return True


def mark_read(
    conversation_id: UUID, *, actor: User, now: datetime, seen: int | None = None, organization_id: UUID | None = None
) -> bool:
    """Mark a conversation as read, up to what the person had seen."""
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        if not change.conversation.is_unread:
            return False
        known = change.seen(seen)
        _mark(change, CONVERSATION_READ, known.event, known.replies)
        return True


def mark_unread(conversation_id: UUID, *, actor: User, now: datetime, organization_id: UUID | None = None) -> bool:
    """Mark a conversation as unread, until somebody marks it as read."""
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        if change.conversation.is_unread:
            return False
        _mark(change, CONVERSATION_UNREAD, 0, 0)
        return True


def assign(
    conversation_id: UUID, *, assignee: User | None, actor: User, now: datetime, organization_id: UUID | None = None
) -> bool:
    """Say who takes care of a conversation, None for nobody: one of the staff, or a member of its organization."""
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        row = change.conversation
        if assignee is not None and not _may_take_care(assignee, row.organization_id):
            raise ValueError("Only staff and members of the organization can take care of its conversations.")
        id = assignee.pk if assignee else None
        if row.assignee_id == id:
            return False
        Conversation.objects.filter(pk=row.pk).update(assignee_id=id, updated_at=now)
        change.write(CONVERSATION_ASSIGNED, assignee=id)
        return True


def label(conversation_id: UUID, *, name: str, actor: User, now: datetime, organization_id: UUID | None = None) -> bool:
    """Put a label on a conversation's contact."""
    name = _label(name)
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        _, is_new = ContactLabel.objects.get_or_create(
            organization_id=change.conversation.organization_id, contact=change.contact, name=name
        )
        if is_new:
            _touch(change)
            change.write(CONVERSATION_LABELLED, detail=name)
        return is_new


def unlabel(
    conversation_id: UUID, *, name: str, actor: User, now: datetime, organization_id: UUID | None = None
) -> bool:
    """Take a label off a conversation's contact."""
    name = _label(name)
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        gone, _ = ContactLabel.objects.filter(
            organization=change.conversation.organization_id, contact=change.contact, name=name
        ).delete()
        if gone:
            _touch(change)
            change.write(CONVERSATION_UNLABELLED, detail=name)
        return bool(gone)


def note(conversation_id: UUID, *, text: str, actor: User, now: datetime, organization_id: UUID | None = None) -> bool:
    """Write something down about a conversation's contact, for colleagues."""
    text = text.replace("\0", "").strip()
    if not text or len(text) > LONGEST_NOTE:
        raise ValueError(f"A note has 1 to {LONGEST_NOTE:,} characters.")
    with changing(conversation_id, actor=actor, now=now, organization_id=organization_id) as change:
        written = Note.objects.create(
            organization_id=change.conversation.organization_id,
            contact=change.contact,
            text=text,
            author_id=actor.pk,
            author_name=actor.name or actor.email,
        )
        _touch(change)
        change.write(CONVERSATION_NOTED, note=written.pk)
        return True


def _choose(
    change: Change,
    type: str,
    state: ConversationState,
    newest: int | None,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    seen = change.seen(newest)
    Conversation.objects.filter(pk=change.conversation.pk).update(
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
        type, detail=reason, state=state.value, reason=reason, until=until, seen=seen.event, replies=seen.replies
    )


def _mark(change: Change, type: str, event: int, replies: int) -> None:
    Conversation.objects.filter(pk=change.conversation.pk).update(
        read_at=change.now, read_seen=event, read_replies=replies, updated_at=change.now
    )
    change.write(type, seen=event, replies=replies)


def _touch(change: Change) -> None:
    Conversation.objects.filter(pk=change.conversation.pk).update(updated_at=change.now)


def _label(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_LABEL:
        raise ValueError(f"A label has 1 to {LONGEST_LABEL} characters.")
    return name


def _may_take_care(user: User, organization_id: UUID) -> bool:
    return user.is_active and (
        user.is_staff or Membership.objects.filter(user=user, organization=organization_id).exists()
    )


SERVICES: Mapping[str, Callable[..., bool]] = {
    "snooze": snooze,
    "done": done,
    "reopen": reopen,
    "mark_read": mark_read,
    "mark_unread": mark_unread,
    "assign": assign,
    "label": label,
    "unlabel": unlabel,
    "note": note,
}
"""Every change of conversations there is: salesbrain.isolation.services calls each with another organization's ids and as each role."""
