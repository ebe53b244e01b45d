"""Helpers for tests of sending replies: a lead replies in the emulator, our answer is queued."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.utils import timezone

from accounts.models import ProviderConnection, User
from instantly.emulator import FakeInstantly
from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging.inbox import outbox
from messaging.models import Conversation, Message, OutboxMessage
from salesbrain import rls

TEXT = "Thank you, Thursday it is.\nBest,\nCara & team"
HTML = "Thank you, Thursday it is.<br/>Best,<br/>Cara &amp; team"
REPLY = "/api/v2/emails/reply"


def answered(fake: FakeInstantly, connection: ProviderConnection, space: Any) -> dict[str, Any]:
    """Let a lead reply in the emulator and deliver the webhook; return the mail in the emulator."""
    fake.trigger(connection.workspace_id, "reply_received")
    mail = next(row for row in space.emails.walk(newest_first=True) if row["ue_type"] == 2)
    tell(connection, mail)
    return mail


def tell(connection: ProviderConnection, mail: dict[str, Any]) -> None:
    body = {
        "timestamp": mail["timestamp_email"], "event_type": "reply_received", "workspace": connection.workspace_id,
        "campaign_id": mail["campaign_id"], "lead_email": mail["lead"], "email_account": mail["eaccount"],
        "email_id": mail["id"], "reply_subject": mail["subject"], "reply_text": mail["body"]["text"], "step": 1, "variant": 1,
    }  # fmt: skip
    store_raw(connection.pk, orjson.dumps(body))
    process_pending()


def conversation() -> Conversation:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get()


def queued(user: User, **given: Any) -> OutboxMessage:
    """Queue a reply with the service that the page calls, as if 31 seconds ago, so that the time to undo is over and it is due."""
    row = conversation()
    values: dict[str, Any] = {
        "text": TEXT,
        "version": row.version,
        "now": timezone.now() - timedelta(seconds=31),
    } | given
    return outbox.send(user.scope_in(), by=user, conversation_id=row.pk, **values)


def fresh(row: OutboxMessage) -> OutboxMessage:
    with rls.scope(rls.SYSTEM):
        return OutboxMessage.objects.get(pk=row.pk)


def changed(row: OutboxMessage, **values: Any) -> None:
    with rls.scope(rls.SYSTEM):
        OutboxMessage.objects.filter(pk=row.pk).update(**values)


def manual_mails(space: Any) -> list[dict[str, Any]]:
    return [row for row in space.emails.walk(newest_first=False) if row["ue_type"] == 3]


def recorded() -> list[Message]:
    """Process everything stored; return our messages of mails written by hand."""
    process_pending()
    with rls.scope(rls.SYSTEM):
        return list(Message.objects.filter(kind="manual", direction="out"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
