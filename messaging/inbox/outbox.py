"""Replies that people write: draft, queue for sending, undo, retry, decide an unknown outcome.

`send` writes the outbox row and its job in one transaction; the provider's app runs the job (for Instantly instantly/actions/replies.py,
where a reply is sent). The conversation's lock prevents a second, unintended reply: the second request waits and finds the row of the
first.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from accounts.access_log import record_access
from accounts.choices import AccessAction
from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.services import record_audit
from messaging.choices import OutboxState
from messaging.models import Contact, Conversation, OutboxMessage
from salesbrain import rls
from salesbrain.kernel.addresses import NotAnAddress, writable
from salesbrain.kernel.messages import message

from . import newer
from .drafts import back_to_draft, draft_by
from .holding import Held, holding_conversation, holding_reply
from .refusals import (
    CannotRetry,
    CannotSend,
    InvalidCc,
    InvalidReply,
    InvalidSendTime,
    InvalidUndo,
    KeyOfAnother,
    NewerMail,
    NothingToDecide,
)
from .sender import Sender, find_sender, sender_of, suppressed

__all__ = ["Sender", "draft_of", "resolve_unknown", "retry", "save_draft", "send", "sender_of", "undo"]

QUEUE = "replies"
PRIORITY = 20
LONGEST_TEXT = 50_000
MOST_COPIES = 20
UNDO_SECONDS = 30
SHORTEST_UNDO, LONGEST_UNDO = 5, 120
FARTHEST = timedelta(days=365)


def draft_of(contact: Contact, by: User | None = None) -> OutboxMessage | None:
    """Return the draft of a reply to this contact, the latest one where there are several; `by`: only this author's. In the caller's
    scope."""
    drafts = OutboxMessage.objects.of_contact(contact.organization_id, contact.pk).filter(state=OutboxState.DRAFT)
    return (drafts.filter(author_id=by.pk) if by else drafts).order_by("-updated_at", "-id").first()


@customer_service(Permission.REPLY)
def save_draft(
    scope: rls.Scope,
    *,
    by: User,
    conversation_id: UUID,
    text: str,
    now: datetime,
    cc: Iterable[str] = (),
    version: int | None = None,
) -> OutboxMessage | None:
    """Store an author's draft unchecked; an empty text deletes it. Return the draft, None where there is none.

    `version` is the conversation's that its author saw; without it, the one when the draft began. Raises InvalidReply (too long).
    """
    text = text.replace("\0", "")
    if len(text) > LONGEST_TEXT:
        raise InvalidReply
    with holding_conversation(scope, conversation_id) as held:
        draft = draft_by(held, by.pk)
        if not text.strip():
            if draft is not None:
                draft.delete()
            return None
        if draft is None:
            draft = _new(held, by)
        draft.text, draft.cc = text, [one.strip()[:320] for one in cc if one.strip()][:MOST_COPIES]
        draft.version = version or draft.version
        draft.updated_at = now
        draft.save()
        return draft


@customer_service(Permission.REPLY)
def send(
    scope: rls.Scope,
    *,
    by: User,
    conversation_id: UUID,
    text: str,
    version: int,
    now: datetime,
    cc: Iterable[str] = (),
    send_at: datetime | None = None,
    undo_seconds: int = UNDO_SECONDS,
    anyway: bool = False,
    idempotency_key: str | None = None,
) -> OutboxMessage:
    """Queue a reply and its job; it is sent after `undo_seconds`, or at `send_at`. The author's draft becomes this reply.

    `version` is the conversation's as the author saw it. Raises NewerMail if the conversation has a newer version or another reply is being
    sent; sent again with the version named there and `anyway`, the reply is queued. The same author sending the same text for the same
    version, or with the same key, gets the existing row: a double click is one reply. Raises CannotSend, InvalidReply, InvalidCc,
    InvalidSendTime, InvalidUndo, KeyOfAnother.
    """
    text, copies = _text(text), _checked_cc(cc)
    due = _due(now, send_at, undo_seconds)
    with holding_conversation(scope, conversation_id) as held:
        known = _reply_of_same_request(held, by, text, version, idempotency_key)
        if known is not None:
            return known
        if held.conversation.version != version:
            raise _newer(held)
        if not anyway:
            _require_nothing_on_the_way(held)
        sender = _sender(held, copies)
        row = draft_by(held, by.pk) or _new(held, by)
        row.text, row.cc, row.idempotency_key = text, copies, idempotency_key
        _queue(held, row, sender, now=now, due=due)
        _audit("reply.send", by, row)
        return row


@customer_service(Permission.REPLY)
def undo(scope: rls.Scope, *, by: User, outbox_id: UUID, now: datetime) -> bool:
    """Make a reply a draft again before sending began; return whether that was still possible. Raises UnknownReply."""
    with holding_reply(scope, outbox_id) as (held, row):
        if row.state != OutboxState.QUEUED:
            return False
        back_to_draft(held, row, now=now)
        _audit("reply.undo", by, row)
        return True


@customer_service(Permission.REPLY)
def retry(scope: rls.Scope, *, by: User, outbox_id: UUID, now: datetime, version: int | None = None) -> OutboxMessage:
    """Queue a failed reply again, at once. `version`: the conversation's version as the caller saw it; default: as its author did.

    Raises UnknownReply, CannotRetry (it did not fail), NewerMail, CannotSend.
    """
    with holding_reply(scope, outbox_id) as (held, row):
        if row.state != OutboxState.FAILED:
            raise CannotRetry
        queued_at = row.queued_at or row.created_at
        seen = (
            held.conversation.version == version
            if version is not None
            else newer.mails_besides(held.contact, queued_before=queued_at) <= row.mails_seen
        )
        if not seen:
            raise _newer(held)
        _require_nothing_on_the_way(held)
        row.attempts = 0
        _queue(held, row, _sender(held, row.cc), now=now, due=now + timedelta(seconds=SHORTEST_UNDO))
        _audit("reply.retry", by, row)
        return row


@customer_service(Permission.REPLY)
def resolve_unknown(scope: rls.Scope, *, by: User, outbox_id: UUID, was_sent: bool, now: datetime) -> OutboxMessage:
    """Store a person's decision whether a reply of unknown outcome was sent; if not, it becomes its author's draft again.

    Raises UnknownReply, NothingToDecide.
    """
    with holding_reply(scope, outbox_id) as (held, row):
        if row.state != OutboxState.UNKNOWN:
            raise NothingToDecide
        if was_sent:
            row.state, row.sent_at, row.reason = OutboxState.SENT, row.sending_at, ""
            row.save()
        else:
            back_to_draft(held, row, now=now)
        _audit("reply.resolve", by, row, was_sent=was_sent)
    if was_sent:
        record_answer(row, now=now)
    return row


def record_answer(row: OutboxMessage, *, now: datetime) -> None:
    """Write into the customer's access log that the author answered. Call after the sending transaction."""
    user = User.objects.filter(pk=row.author_id).first()
    if user is not None:
        record_access(
            organization_id=row.organization_id, user=user, conversation_id=row.contact_id,
            action=AccessAction.ANSWERED, now=now,
        )  # fmt: skip


def queue_job(row: OutboxMessage, provider: str) -> None:
    """Queue the job that sends a reply, in the caller's transaction. Early and repeated ones do nothing."""
    job = app.configure_task(f"{provider}.tasks.send_reply", queue=QUEUE, priority=PRIORITY, schedule_at=row.send_at)
    job.defer(outbox_id=str(row.pk))


def _new(held: Held, by: User) -> OutboxMessage:
    return OutboxMessage(
        organization_id=held.contact.organization_id,
        contact=held.contact,
        author_id=by.pk,
        author_name=by.name or by.email,
        version=held.conversation.version,
    )


def _text(text: str) -> str:
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise InvalidReply
    return text


def _checked_cc(addresses: Iterable[str]) -> list[str]:
    copies = []
    for address in addresses:
        try:
            copies.append(writable(address))
        except NotAnAddress:
            raise InvalidCc(address[:100]) from None
    copies = list(dict.fromkeys(copies))
    if len(copies) > MOST_COPIES:
        raise InvalidCc
    return copies


def _due(now: datetime, send_at: datetime | None, undo_seconds: int) -> datetime:
    if not SHORTEST_UNDO <= undo_seconds <= LONGEST_UNDO:
        raise InvalidUndo
    if send_at is not None and not now < send_at <= now + FARTHEST:
        raise InvalidSendTime
    undone_until = now + timedelta(seconds=undo_seconds)
    return undone_until if send_at is None else max(send_at, undone_until)


def _reply_of_same_request(held: Held, by: User, text: str, version: int, key: str | None) -> OutboxMessage | None:
    """Return the reply that an earlier copy of this very request has created."""
    organization_id = held.contact.organization_id
    if key is not None:
        keyed = OutboxMessage.objects.filter(organization=organization_id, idempotency_key=key).first()
        if keyed is not None:
            if (keyed.contact_id, keyed.author_id, keyed.text) != (held.contact.pk, by.pk, text):
                raise KeyOfAnother
            return keyed
    own = OutboxMessage.objects.of_contact(organization_id, held.contact.pk).filter(
        author_id=by.pk, version=version, text=text
    )
    return own.exclude(state__in=[OutboxState.DRAFT, OutboxState.FAILED]).first()


def _newer(held: Held) -> NewerMail:
    last = newer.newest(held.conversation, held.contact)
    assert last is not None, "a conversation has a mail or a word of somebody"
    return NewerMail(last)


def _require_nothing_on_the_way(held: Held) -> None:
    others = OutboxMessage.objects.of_contact(held.contact.organization_id, held.contact.pk).on_the_way()
    latest = others.order_by("-queued_at", "-id").first()
    if latest is not None:
        raise NewerMail(newer.on_the_way(held.conversation, latest))


def _sender(held: Held, copies: list[str]) -> Sender:
    sender = find_sender(held.contact)
    if sender.reason is not None:
        raise CannotSend(sender.reason)
    if stopped := suppressed(held.contact.organization_id, copies):
        raise CannotSend(message("reply.suppressed", address=", ".join(stopped)))
    return sender


def _queue(held: Held, row: OutboxMessage, sender: Sender, *, now: datetime, due: datetime) -> None:
    assert sender.answered is not None
    row.state, row.reason, row.version = OutboxState.QUEUED, "", held.conversation.version
    row.queued_at, row.send_at, row.undo_until, row.updated_at = now, due, due, now
    row.mails_seen = newer.mails_besides(held.contact, queued_before=now)
    row.connection_id, row.email_account = sender.connection_id, sender.email_account
    row.answered_id, row.answered_email_id = sender.answered.pk, sender.answered.email_id or ""
    row.subject = sender.subject
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # in another conversation, at this moment
        raise KeyOfAnother from None
    queue_job(row, sender.provider)


def _audit(action: str, by: User, row: OutboxMessage, **detail: Any) -> None:
    """Write the audit entry, and set the conversation's `updated_at` so that pages polling it reload."""
    Conversation.objects.filter(pk=row.contact_id).update(updated_at=row.updated_at)
    record_audit(action=action, actor=by, target=row, detail={"conversation": str(row.contact_id), **detail})
