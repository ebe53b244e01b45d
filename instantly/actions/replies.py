"""Send a queued reply to a lead through Instantly, at most once: claim, mark, call, store.

The state `sending` is committed before Instantly is called (POST /emails/reply has no idempotency key). A process that dies afterwards
leaves a row in that state: the reply is then searched in the thread (reply_lookup.py) and never sent again. A row is queued again only
where Instantly refused without doing anything (429), or where the request never left (docs/decisions/0028).
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.html import escape

from accounts.models import ProviderConnection
from instantly.actions import reply_lookup
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections.services import ConnectionUnusable, client_for, record_if_shut_out
from instantly.reconciliation import backfill, untracked_mails
from instantly.schemas import Email, EmailKind
from messaging.choices import Origin, OutboxState
from messaging.inbox import newer
from messaging.inbox.drafts import back_to_draft
from messaging.inbox.holding import Held, holding
from messaging.inbox.outbox import queue_job, record_answer
from messaging.inbox.refusals import UnknownConversation, UnknownReply
from messaging.inbox.sender import find_sender, suppressed
from messaging.inbox.unsent import bring_back
from messaging.models import Contact, Message, OutboxMessage
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none
from salesbrain.kernel.messages import Message as Sentence
from salesbrain.kernel.messages import message

logger = logging.getLogger(__name__)

TRIES = 6
PAUSES = (15, 60, 120, 300, 600)
"""Seconds before each retry of a reply that was certainly not sent."""

REASONS = {"mail": "reply.mail_came"}
"""Sentence that explains why a reply became a draft again, by kind of the newer change; any other kind is a colleague's reply."""


@dataclass(frozen=True, slots=True)
class ReplyContent:
    """Content of a reply, copied when its row was marked as sending: an erasure may empty the row meanwhile."""

    answers: str
    email_account: str
    subject: str
    html: str
    cc: tuple[str, ...]


def send_reply(outbox_id: UUID) -> None:
    """Send a queued reply that is due; do nothing for any other row. The outcome is stored in the row. Unforeseen exceptions are raised."""
    row, connection = _found(outbox_id)
    now = timezone.now()
    if row is None or row.state != OutboxState.QUEUED or row.send_at is None or row.send_at > now:
        return
    if connection is None:
        _fail(row, message("reply.workspace_off"))
        return
    try:
        with client_for(connection) as client:
            _send(row, connection, client)
    except ConnectionUnusable as error:
        _fail(row, message("reply.refused", reason=str(error)))
    except Exception:
        _fail(row, message("reply.broken"))  # a row that is marked stays marked
        raise


def note_sent(row: OutboxMessage, connection: ProviderConnection, sent: Email) -> None:
    """Set a reply's row to sent, and record its mail as one written by hand, in one transaction."""
    now = timezone.now()
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        marked = OutboxMessage.objects.filter(pk=row.pk, state__in=[OutboxState.SENDING, OutboxState.UNKNOWN])
        found = marked.update(
            state=OutboxState.SENT, email_id=sent.id, sent_at=sent.timestamp_email or sent.timestamp_created,
            thread_id=sent.thread_id or row.thread_id, reason="", updated_at=now,
        )  # fmt: skip
        if not found:
            logger.warning("Reply %s was sent as %s, and somebody decided otherwise meanwhile", row.pk, sent.id)
        whole = _as_recorded(row, sent)
        backfill.store_missing(connection, untracked_mails.deliveries_of(connection, [whole]), origin=Origin.BACKFILL)
    record_answer(row, now=now)


def _found(outbox_id: UUID) -> tuple[OutboxMessage | None, ProviderConnection | None]:
    with rls.scope(rls.SYSTEM):
        row = OutboxMessage.objects.filter(pk=outbox_id).first()
        connections = ProviderConnection.objects.select_related("organization")
        return row, connections.filter(pk=row.connection_id).first() if row and row.connection_id else None


def _send(row: OutboxMessage, connection: ProviderConnection, client: InstantlyClient) -> None:
    try:
        answered = client.email(row.answered_email_id)
    except NotFound:
        _fail(row, message("reply.answered_gone"))
        return
    except InstantlyError as error:
        _handle_refusal(row, connection, error)
        return
    letter = _mark_as_sending(row, answered)
    if letter is None:
        return
    try:
        sent = client.reply(
            letter.answers, email_account=letter.email_account, subject=letter.subject, html=letter.html,
            cc=letter.cc or None,
        )  # fmt: skip
    except InstantlyError as error:
        if not error.uncertain:
            _handle_refusal(row, connection, error)
            return
        logger.warning("The outcome of reply %s is unknown: %s", row.pk, error)
        reply_lookup.mark_unknown(row.pk)
        found = reply_lookup.look_up(row.pk, client)
        if found is not None:
            note_sent(row, connection, found)
        return
    note_sent(row, connection, sent)


def _mark_as_sending(row: OutboxMessage, answered: Email) -> ReplyContent | None:
    """Set the row to `sending` and return what to send; None if it must not be sent, with the reason in the row."""
    now = timezone.now()
    try:
        with holding(row.organization_id, row.contact_id) as held:
            mine = held.row(row.pk)
            if mine.state != OutboxState.QUEUED or mine.send_at is None or mine.send_at > now:
                return None  # undone, sent by another process, or queued anew for later
            if reason := _unseen_mails(held, mine):
                back_to_draft(held, mine, now=now, reason=reason)
                return None
            if reason := _reason_not_to_send(held, mine, answered):
                _save_outcome(mine, now, state=OutboxState.FAILED, reason=reason)
                bring_back(held, now=now)
                return None
            thread = answered.thread_id or ""
            _save_outcome(mine, now, state=OutboxState.SENDING, sending_at=now, thread_id=thread, reason="", lookups=0)
            return ReplyContent(
                mine.answered_email_id, mine.email_account, mine.subject, html_of(mine.text), tuple(mine.cc)
            )
    except (UnknownConversation, UnknownReply):
        return None  # erased, or undone and emptied


def html_of(text: str) -> str:
    """Return a text as the body of a mail: Instantly keeps line breaks only as <br/>."""
    return str(escape(text)).replace("\n", "<br/>")


def _unseen_mails(held: Held, row: OutboxMessage) -> Sentence | None:
    """Return the mails that arrived after the reply was queued and that its author has not seen."""
    assert row.queued_at is not None
    if newer.mails_besides(held.contact, queued_before=row.queued_at) <= row.mails_seen or held.known is None:
        return None
    came = newer.newest_mail(held.conversation, held.contact, queued_before=row.queued_at)
    kind, who = (came.kind, came.who) if came else ("reply", row.email_account)
    return message(REASONS.get(kind, "reply.colleague_replied"), who=who)


def _reason_not_to_send(held: Held, row: OutboxMessage, answered: Email) -> Sentence | None:
    """Return why a reply that could be sent when it was queued cannot be sent now."""
    if not Message.objects.filter(organization=row.organization_id, pk=row.answered_id, contact=held.contact).exists():
        return message("reply.moved")
    if answered.ue_type is not None and answered.ue_type != EmailKind.RECEIVED:
        return message("reply.not_received")
    writer = canonical_or_none(answered.from_address_email or "")
    if stopped := suppressed(row.organization_id, [*row.cc, *([writer] if writer else [])]):
        return message("reply.suppressed", address=", ".join(stopped))
    return find_sender(held.contact).reason


def _handle_refusal(row: OutboxMessage, connection: ProviderConnection, error: InstantlyError) -> None:
    """Handle an error after which nothing was sent: queue again where that can help, else fail with the provider's text."""
    record_if_shut_out(connection, error)
    if not error.retryable:
        _fail(row, message("reply.refused", reason=error.message), also_marked=True)
        return
    now = timezone.now()
    attempts = row.attempts + 1
    if attempts >= TRIES:
        reason = message("reply.given_up", count=attempts, reason=error.message)
        _fail(row, reason, also_marked=True, attempts=attempts)
        return
    pause = max(PAUSES[attempts - 1], error.retry_after or 0)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        mine = _lock(row, also_marked=True)
        if mine is None:
            return
        later = now + timedelta(seconds=pause)
        reason = message("reply.retrying", reason=error.message)
        _save_outcome(
            mine, now, state=OutboxState.QUEUED, send_at=later, attempts=attempts, reason=reason, sending_at=None
        )
        mine.send_at = later
        queue_job(mine, connection.provider)


def _fail(row: OutboxMessage, reason: Sentence, *, also_marked: bool = False, attempts: int | None = None) -> None:
    """Set a reply to failed, with the reason, and return its conversation to the inbox. No effect if the reply or contact was deleted."""
    now = timezone.now()
    with suppress(UnknownConversation), holding(row.organization_id, row.contact_id) as held:
        mine = _lock(row, also_marked=also_marked)
        if mine is not None:
            _save_outcome(
                mine, now, state=OutboxState.FAILED, reason=reason, attempts=mine.attempts if attempts is None else attempts,
            )  # fmt: skip
            bring_back(held, now=now)


def _lock(row: OutboxMessage, *, also_marked: bool) -> OutboxMessage | None:
    """Lock and return the row if it is queued (`also_marked`: or in state `sending`, known to be unsent); None if it has changed."""
    states = [OutboxState.QUEUED, *([OutboxState.SENDING] if also_marked else [])]
    return OutboxMessage.objects.select_for_update().filter(pk=row.pk, state__in=states).first()


def _save_outcome(row: OutboxMessage, now: datetime, **values: object) -> None:
    """Save only the fields of the outcome: an erasure may have emptied the others."""
    OutboxMessage.objects.filter(pk=row.pk).update(**values, updated_at=now)


def _as_recorded(row: OutboxMessage, sent: Email) -> Email:
    """Return the sent mail completed with fields that the provider's response may lack: account, lead and campaign."""
    contact = Contact.objects.filter(pk=row.contact_id).first()
    answered = Message.objects.select_related("campaign").filter(pk=row.answered_id).first()
    campaign = answered.campaign.provider_id if answered and answered.campaign else None
    return sent.model_copy(
        update={
            "ue_type": EmailKind.SENT_MANUALLY.value,
            "lead": contact.email if contact else sent.lead,
            "campaign_id": sent.campaign_id or campaign,
            "eaccount": sent.eaccount or row.email_account,
        }
    )
