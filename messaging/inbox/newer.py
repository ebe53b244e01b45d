"""Find mails that arrived in a conversation after the author of a reply last saw it.

Replies of the outbox that were on their way when a reply was queued were shown to its author then, so they do not count.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from messaging.choices import OutboxState
from messaging.events import CONVERSATION_MAILS, RECEIVED, STATE_CHANGES
from messaging.inbox.refusals import Newer
from messaging.models import Contact, Conversation, Event, OutboxMessage

EXCERPT = 300
MAILS = [type.value for type in CONVERSATION_MAILS]
HEARD = {type.value for type in RECEIVED}


def mails_besides(contact: Contact, *, queued_before: datetime) -> int:
    """Return the number of mails of the conversation, without outbox replies that were queued before `queued_before`."""
    return _besides(contact, queued_before).count()


def newest_mail(conversation: Conversation, contact: Contact, *, queued_before: datetime) -> Newer | None:
    """Return the mail recorded last, unless it is an outbox reply queued before `queued_before`."""
    event = _besides(contact, queued_before).select_related("message").order_by("-id").first()
    return None if event is None else _of_event(conversation, contact, event)


def newest(conversation: Conversation, contact: Contact) -> Newer | None:
    """Return the latest change of a conversation: mail, reply, or state."""
    last = _events(contact, [*MAILS, *STATE_CHANGES]).select_related("message").order_by("-id").first()
    return None if last is None else _of_event(conversation, contact, last)


def on_the_way(conversation: Conversation, row: OutboxMessage) -> Newer:
    """Return a reply that is queued or being sent as a `Newer` change, which the author of another reply has not seen."""
    at = row.queued_at or row.created_at
    return Newer("on_the_way", row.author_name, at, row.text[:EXCERPT], conversation.version)


def _events(contact: Contact, types: list[str]) -> QuerySet[Event]:
    return Event.objects.filter(organization=contact.organization_id, contact=contact.pk, copy_of=None, type__in=types)


def _besides(contact: Contact, queued_before: datetime) -> QuerySet[Event]:
    ours = OutboxMessage.objects.of_contact(contact.organization_id, contact.pk).filter(
        queued_at__lt=queued_before, email_id=OuterRef("email_id")
    )
    return _events(contact, MAILS).filter(~Exists(ours))


def _of_event(conversation: Conversation, contact: Contact, event: Event) -> Newer:
    text = _excerpt(event)
    id = str(event.message_id or "")
    if event.type in HEARD:
        return Newer("mail", contact.name or contact.email, event.happened_at, text, conversation.version, id)
    if event.type in STATE_CHANGES:
        return Newer("change", _changed_by(event), event.happened_at, "", conversation.version)
    return Newer("reply", _written_by(event), event.happened_at, text, conversation.version, id)


def _excerpt(event: Event) -> str:
    mail = event.message
    return "" if mail is None else (mail.reply_text or mail.body_text or "").strip()[:EXCERPT]


def _changed_by(event: Event) -> str:
    by: str | None = (event.payload or {}).get("by")
    user = User.objects.filter(pk=by).first() if by else None
    return "" if user is None else user.name or user.email


def _written_by(event: Event) -> str:
    sent = OutboxMessage.objects.filter(
        organization=event.organization_id, email_id=event.email_id, state=OutboxState.SENT
    )
    return (sent.values_list("author_name", flat=True).first() if event.email_id else None) or event.email_account
