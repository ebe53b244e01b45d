"""Event handlers of mails: sent, opened, clicked, replied, bounced.

Without a campaign or a lead, only the event log keeps the event.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from messaging import identity
from messaging.choices import Direction, MessageKind, SuppressionReason
from messaging.events import Change, MessageChange, ProviderEvent, SuppressionChange

from .lead import contact, names

Changes = Iterator[Change]


def handle_sent(event: ProviderEvent) -> Changes:
    yield from contact(event, **names(event))
    yield from _outbound(event, sent_at=event.happened_at, email_id=event.email_id or None, **_text(event))


def handle_opened(event: ProviderEvent) -> Changes:
    yield from contact(event)
    yield from _outbound(event, opened_at=event.happened_at, opens=1)


def handle_clicked(event: ProviderEvent) -> Changes:
    yield from contact(event)
    yield from _outbound(event, clicked_at=event.happened_at, clicks=1)


def handle_bounced(event: ProviderEvent) -> Changes:
    """Mark contact and mail as bounced. Webhooks do not report soft or hard, so that stays unknown."""
    yield from contact(event, bounced_at=event.happened_at)
    yield from _outbound(event, bounced_at=event.happened_at)


def handle_reply(event: ProviderEvent) -> Changes:
    """Mark the mail of the step as replied, and store the reply as a message of its own."""
    yield from contact(event, replied_at=event.happened_at, converses=True, **names(event))
    yield from _outbound(event, replied_at=event.happened_at)
    yield from _inbound(event)


def handle_auto_reply(event: ProviderEvent) -> Changes:
    """Store an automatic reply; the mail it answers is not marked as replied."""
    yield from contact(event, converses=True, **names(event))
    yield from _inbound(event, is_auto_reply=True)


def handle_manual_sent(event: ProviderEvent) -> Changes:
    """Store our mail written by hand, so that the conversation counts as answered."""
    yield from contact(event, converses=True)
    yield from _manual(event, Direction.OUT)


def handle_untracked_reply(event: ProviderEvent) -> Changes:
    """Store a received mail of no campaign; it counts in no stat and marks no mail as replied."""
    yield from contact(event, converses=True)
    yield from _manual(event, Direction.IN)


def handle_untracked_auto_reply(event: ProviderEvent) -> Changes:
    yield from contact(event, converses=True)
    yield from _manual(event, Direction.IN, is_auto_reply=True)


def handle_unsubscribed(event: ProviderEvent) -> Changes:
    yield from contact(event, unsubscribed_at=event.happened_at, converses=True)
    yield from _suppression(event, SuppressionReason.UNSUBSCRIBE)


def handle_spam_report(event: ProviderEvent) -> Changes:
    yield from contact(event, complained_at=event.happened_at, converses=True)
    yield from _suppression(event, SuppressionReason.COMPLAINT)


def _suppression(event: ProviderEvent, reason: SuppressionReason) -> Changes:
    """Return the suppression of the address for the whole organization, whatever the campaign."""
    if event.lead_email:
        yield SuppressionChange(event.organization_id, event.lead_email, reason.value, event.happened_at)


def _text(event: ProviderEvent) -> dict[str, Any]:
    if event.subject is None and event.body_text is None:
        return {}
    return {
        "subject": event.subject,
        "body_text": event.body_text,
        "body_html": event.body_html,
        "reply_text": event.reply_text,
        "text_at": event.happened_at,
    }


def _outbound(event: ProviderEvent, **facts: Any) -> Changes:
    if event.campaign_id and event.lead_email:
        id = identity.outbound_id(event.campaign_id, event.lead_email, event.step, event.variant)
        yield _message(event, event.campaign_id, id, Direction.OUT, **facts)


def _inbound(event: ProviderEvent, **facts: Any) -> Changes:
    if event.campaign_id and event.lead_email:
        mail = event.mail_key or event.email_id or event.happened_at.isoformat()
        id = identity.inbound_id(event.campaign_id, event.lead_email, mail)
        facts |= {"sent_at": event.happened_at, "email_id": event.email_id or None, **_text(event)}
        yield _message(event, event.campaign_id, id, Direction.IN, thread_id=event.thread_id or None, **facts)


def _manual(event: ProviderEvent, direction: Direction, **facts: Any) -> Changes:
    if event.lead_email:
        owner = event.campaign_id or event.organization_id
        id = identity.manual_id(owner, event.lead_email, event.email_id or event.happened_at.isoformat())
        facts |= {"sent_at": event.happened_at, "email_id": event.email_id or None, **_text(event)}
        facts |= {"kind": MessageKind.MANUAL.value, "thread_id": event.thread_id or None}
        yield _message(event, event.campaign_id, id, direction, **facts)


def _message(
    event: ProviderEvent,
    campaign_id: UUID | None,
    id: UUID,
    direction: Direction,
    *,
    kind: str = MessageKind.CAMPAIGN.value,
    **facts: Any,
) -> MessageChange:
    return MessageChange(
        id=id,
        organization_id=event.organization_id,
        campaign_id=campaign_id,
        contact_id=identity.contact_id(event.organization_id, event.lead_email),
        direction=direction.value,
        kind=kind,
        happened_at=event.happened_at,
        step=event.step,
        variant=event.variant,
        email_account=event.email_account or None,
        **facts,
    )
