"""Contacts with mails, categories and suppressions, for tests of follow-ups."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from campaigns.models import Campaign
from messaging.models import Contact, Conversation, Message, MessageCategory
from salesbrain import rls
from tests import factories

NUMBERS = count(10**15)


def sent(campaign: Campaign, contact: Contact, at: datetime, **fields: Any) -> Message:
    return _mail(campaign, contact, at, "out", **fields)


def received(
    campaign: Campaign,
    contact: Contact,
    at: datetime,
    category: str = "",
    *,
    asks: str | None = None,
    on: date | None = None,
    words: str = "",
    source: str = "model",
    **fields: Any,
) -> Message:
    """Create a received mail of the contact, with its category and next step as triage would store them."""
    message = _mail(campaign, contact, at, "in", **fields)
    kind = "auto_reply_received" if message.is_auto_reply else "reply_received"
    factories.event(campaign, next(NUMBERS), kind, contact=contact, message=message, happened_at=at)
    if category:
        with rls.scope(rls.SYSTEM):
            MessageCategory.objects.create(
                id=message.pk, organization_id=contact.organization_id, category=category, predicted=category, p=0.9,
                candidates=[category], source=source, version="v", asks=asks or "none", asks_on=on, asks_words=words,
            )  # fmt: skip
    return message


def conversation(contact: Contact, at: datetime, **fields: Any) -> Conversation:
    values = {"state": "open", "last_mail_at": at, "last_human_at": at, "waiting_since": at, **fields}
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.create(id=contact.pk, organization_id=contact.organization_id, **values)


def _mail(campaign: Campaign, contact: Contact, at: datetime, direction: str, **fields: Any) -> Message:
    values = {"subject": "Re: Hello", "happened_at": at, "sent_at": at, "text_at": at, "reply_text": None, **fields}
    with rls.scope(rls.SYSTEM):
        return Message.objects.create(
            id=uuid4(), organization_id=contact.organization_id, campaign=campaign, contact=contact,
            direction=direction, **values,
        )  # fmt: skip


def person(campaign: Campaign, name: str, **fields: Any) -> Contact:
    return factories.contact(campaign.organization, f"{name}@lead.example", **fields)
