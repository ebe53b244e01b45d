"""Search Instantly a few times for a reply of unknown outcome, then let a person decide.

A mail is the reply if it is in the thread, was sent by hand (ue_type 3) from the same email account, was stored within 15 minutes, has the
same text apart from whitespace, and belongs to no other reply. Nothing here sends anything.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.choices import Provider
from accounts.models import ProviderConnection
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable, client_for
from instantly.schemas import Email, EmailKind
from messaging.choices import Direction, MessageKind, OutboxState
from messaging.inbox.holding import holding
from messaging.inbox.outbox import queue_job
from messaging.inbox.refusals import UnknownConversation
from messaging.inbox.unsent import bring_back
from messaging.mail_text.html_lines import html_to_text
from messaging.mail_text.limits import MAX_INPUT
from messaging.models import Message, OutboxMessage
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none
from salesbrain.kernel.messages import message

logger = logging.getLogger(__name__)

LEFT_ALONE = timedelta(minutes=2)
"""Time after which a row in state `sending` belongs to a killed process; a call lasts 30 s at most."""

OVERDUE = timedelta(minutes=1)
STORED_WITHIN = timedelta(minutes=15)
CLOCKS_DIFFER = timedelta(minutes=1)
LOOKS = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 3, 6, 10, 16))
"""Times after a lost response at which the mail is looked up; all processes together may list mails 20 times a minute."""

ATTACHED_WITHIN = timedelta(days=3)

Note = Callable[[OutboxMessage, ProviderConnection, Email], None]


def mark_unknown(outbox_id: UUID) -> None:
    """Set the outbox row of a reply in state `sending` to outcome unknown; `settle` looks for its mail later."""
    with rls.scope(rls.SYSTEM):
        marked = OutboxMessage.objects.filter(pk=outbox_id, state=OutboxState.SENDING)
        marked.update(state=OutboxState.UNKNOWN, reason=message("reply.unknown"), updated_at=timezone.now())


def look_up(outbox_id: UUID, client: InstantlyClient) -> Email | None:
    """Search Instantly for the mail of a reply with unknown outcome; return it, None where it is not listed (yet) or the request fails.

    After the last attempt the row is left to a person's decision.
    """
    with rls.scope(rls.SYSTEM):
        row = OutboxMessage.objects.select_related("contact").filter(pk=outbox_id, state=OutboxState.UNKNOWN).first()
    if row is None or row.sending_at is None:
        return None
    try:
        mails = list(_listed(row, client))
    except InstantlyError as error:
        logger.warning("Could not look for reply %s: %s", row.pk, error)
        mails = []
    with rls.scope(rls.SYSTEM):
        taken = set(
            OutboxMessage.objects.filter(email_id__in=[mail.id for mail in mails]).values_list("email_id", flat=True)
        )
        found = next((mail for mail in mails if mail.id not in taken and is_mail_of(row, mail)), None)
    _note_look(row, is_last=found is None and row.lookups + 1 >= len(LOOKS))
    return found


def _note_look(row: OutboxMessage, *, is_last: bool) -> None:
    """Count the search in the row. After the last one a person must decide, so the conversation returns to the inbox."""
    now = timezone.now()
    told = message("reply.decide", address=row.email_account) if is_last else message("reply.unknown")
    with suppress(UnknownConversation), holding(row.organization_id, row.contact_id) as held:
        unknown = OutboxMessage.objects.filter(pk=row.pk, state=OutboxState.UNKNOWN)
        if unknown.update(lookups=row.lookups + 1, reason=told, updated_at=now) and is_last:
            bring_back(held, now=now)


def is_mail_of(row: OutboxMessage, mail: Email) -> bool:
    """Return whether this mail of Instantly's inbox is the reply of the row."""
    assert row.sending_at is not None
    return (
        mail.ue_type == EmailKind.SENT_MANUALLY
        and canonical_or_none(mail.eaccount or "") == row.email_account
        and row.sending_at - CLOCKS_DIFFER <= mail.timestamp_created <= row.sending_at + STORED_WITHIN
        and _plain(row.text) in {_plain(mail.text), _plain(_text_of(mail.html))}
    )


def settle(note: Note) -> None:
    """Process replies whose job was killed: search Instantly for those of unknown outcome whose next search is due."""
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        left = OutboxMessage.objects.filter(state=OutboxState.SENDING, sending_at__lt=now - LEFT_ALONE)
        ids = list(left.values_list("pk", flat=True))
    for id in ids:
        mark_unknown(id)
    attach_recorded(now=now)
    queue_again(now=now)
    for row, connection in _to_look_for(now):
        try:
            with client_for(connection) as client:
                found = look_up(row.pk, client)
        except ConnectionUnusable as error:
            logger.warning("Could not look for reply %s: %s", row.pk, error)
            continue
        if found is not None:
            note(row, connection, found)


def queue_again(*, now: datetime) -> int:
    """Queue a new job for overdue replies whose job died before it marked the row. Return their number."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        overdue = OutboxMessage.objects.filter(
            state=OutboxState.QUEUED, send_at__lt=now - OVERDUE, updated_at__lt=now - OVERDUE
        )
        rows = list(overdue.select_for_update(skip_locked=True).order_by("pk"))
        providers = ProviderConnection.objects.in_bulk([row.connection_id for row in rows if row.connection_id])
        for row in rows:
            connection = providers.get(row.connection_id) if row.connection_id else None
            queue_job(row, connection.provider if connection else Provider.INSTANTLY.value)
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(updated_at=now)
        return len(rows)


def attach_recorded(*, now: datetime) -> int:
    """Link replies without the provider's id to the mail that was recorded for them, so that a conversation shows it once; return the
    number. A reply that a person declared as sent has no id of the provider until the next sync brings the mail.
    """
    with rls.scope(rls.SYSTEM):
        rows = OutboxMessage.objects.filter(
            state__in=[OutboxState.SENT, OutboxState.UNKNOWN], email_id=None, sending_at__gt=now - ATTACHED_WITHIN
        )
        return sum(_attached(row, now) for row in rows.order_by("sending_at", "pk"))


def _attached(row: OutboxMessage, now: datetime) -> bool:
    assert row.sending_at is not None
    mails = Message.objects.filter(
        organization=row.organization_id, contact=row.contact_id, direction=Direction.OUT, kind=MessageKind.MANUAL,
        email_account=row.email_account, email_id__isnull=False, sent_at__gte=row.sending_at - CLOCKS_DIFFER,
        sent_at__lte=row.sending_at + STORED_WITHIN,
    )  # fmt: skip
    for mail in mails.order_by("sent_at", "pk"):
        taken = OutboxMessage.objects.filter(organization=row.organization_id, email_id=mail.email_id).exists()
        if not taken and _plain(row.text) == _plain(mail.body_text or ""):
            return bool(
                OutboxMessage.objects.filter(pk=row.pk, email_id=None).update(
                    state=OutboxState.SENT, email_id=mail.email_id, sent_at=mail.sent_at, reason="", updated_at=now
                )
            )
    return False


def _to_look_for(now: datetime) -> list[tuple[OutboxMessage, ProviderConnection]]:
    with rls.scope(rls.SYSTEM):
        unknown = OutboxMessage.objects.filter(state=OutboxState.UNKNOWN, lookups__lt=len(LOOKS))
        due = [row for row in unknown.order_by("sending_at") if row.sending_at and _is_due(row, now)]
        connections = ProviderConnection.objects.select_related("organization").in_bulk(
            [row.connection_id for row in due if row.connection_id]
        )
    return [(row, connections[row.connection_id]) for row in due if row.connection_id in connections]


def _is_due(row: OutboxMessage, now: datetime) -> bool:
    assert row.sending_at is not None
    return row.sending_at + LOOKS[row.lookups] <= now


def _listed(row: OutboxMessage, client: InstantlyClient) -> list[Email]:
    assert row.sending_at is not None
    listing = client.emails(
        search=f"thread:{row.thread_id}" if row.thread_id else None, lead=None if row.thread_id else row.contact.email,
        email_accounts=[row.email_account], email_type="manual", mode="emode_all", sort_order="asc",
        min_timestamp_created=row.sending_at - CLOCKS_DIFFER,
    )  # fmt: skip
    return list(listing)


def _text_of(html: str) -> str:
    return html_to_text(html) if html and len(html) <= MAX_INPUT else ""


def _plain(text: str) -> str:
    return " ".join(text.split())
