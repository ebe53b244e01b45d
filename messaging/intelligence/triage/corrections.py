"""Store people's corrections of a reply's category: final for that reply, and training data."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services import record_audit
from messaging import conversation_writer
from messaging.choices import Origin
from messaging.erasure import aliases
from messaging.event_writer import next_position
from messaging.events import REPLY_CATEGORY
from messaging.models import CategoryCorrection, Event, Message, MessageCategory, TriageLearning, TriagePending
from salesbrain import rls
from salesbrain.kernel import db

from .classes import UNSURE, Category, Source

ENOUGH = 10
"""New corrections after which an organization's model learns at the next turn instead of at night."""


def correct(message: Message, category: Category, *, now: datetime, actor: User, origin: Origin = Origin.STAFF) -> bool:
    """Set a received message's category as a person decided; return whether the valid category changed. Confirming the engine's answer is a
    correction too.

    `message` is one the caller found in the actor's own scope. Writes the correction, the category, an event where the category changed
    and the audit log, in one transaction. Raises ValueError for a message that we sent.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        aliases.aliases([])
        conversation_writer.hold_contacts([message.contact_id])  # before the message, as everybody does
        message = (
            Message.objects.select_related("contact").select_for_update(of=("self",), no_key=True).get(pk=message.pk)
        )
        if message.direction != "in":
            raise ValueError("Only received messages have a category.")
        known = MessageCategory.objects.select_for_update().filter(pk=message.pk).first()
        before = known.category if known else UNSURE
        predicted = known.predicted if known else category.value
        CategoryCorrection.objects.update_or_create(
            id=message.pk,
            defaults={
                "organization_id": message.organization_id,
                "category": category.value,
                "predicted": predicted,
                "corrected_at": now,
                "user_id": actor.pk,
            },
        )
        MessageCategory.objects.update_or_create(
            id=message.pk,
            defaults={"category": category.value, "source": Source.STAFF.value, "decided_at": now},
            create_defaults={
                "organization_id": message.organization_id,
                "category": category.value,
                "source": Source.STAFF.value,
                "decided_at": now,
                "predicted": category.value,
                "p": 1.0,
                "candidates": [category.value],
                "version": "",
            },
        )
        TriagePending.objects.get_or_create(message_id=message.pk)  # its next step is read under the other category
        TriageLearning.objects.update_or_create(organization_id=message.organization_id, defaults={"is_due": True})
        conversation_writer.refresh({message.contact_id: False})
        if before == category:
            return False
        _record_change(message, category.value, before=before, now=now, actor=actor, origin=origin)
        return True


def withdraw(message: Message, *, now: datetime, actor: User, origin: Origin = Origin.STAFF) -> bool:
    """Delete a correction; return whether there was one. The engine's last answer holds until the worker has read the message again.

    `message` is one the caller found in the actor's own scope.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        aliases.aliases([])
        conversation_writer.hold_contacts([message.contact_id])
        message = (
            Message.objects.select_related("contact").select_for_update(of=("self",), no_key=True).get(pk=message.pk)
        )
        gone, _ = CategoryCorrection.objects.filter(pk=message.pk).delete()
        if not gone:
            return False
        known = MessageCategory.objects.select_for_update().get(pk=message.pk)
        was_read = bool(known.version)
        answer = known.predicted if was_read and len(known.candidates) == 1 else UNSURE
        source = Source.RULE if known.rule else Source.MODEL
        MessageCategory.objects.filter(pk=message.pk).update(category=answer, source=source.value, decided_at=now)
        TriagePending.objects.get_or_create(message_id=message.pk)
        TriageLearning.objects.update_or_create(organization_id=message.organization_id, defaults={"is_due": True})
        conversation_writer.refresh({message.contact_id: False})
        if known.category != answer:
            _record_change(message, answer, before=known.category, now=now, actor=actor, origin=origin)
        return True


def _record_change(message: Message, category: str, *, before: str, now: datetime, actor: User, origin: Origin) -> None:
    """Insert the event and the audit entry of a changed category."""
    Event.objects.create(
        id=db.prepared("SELECT sb_event_id()").fetchone()[0],  # type: ignore[index]  # there is always one
        organization_id=message.organization_id,
        campaign_id=message.campaign_id,
        contact_id=message.contact_id,
        message_id=message.pk,
        type=REPLY_CATEGORY,
        detail=category,
        origin=origin,
        happened_at=now,
        email_account=message.email_account or "",
        lead_email=message.contact.email,
        position=next_position(),
    )
    record_audit(
        action="message.category",
        actor=actor,
        target=message,
        detail={"from": before, "to": category, "origin": origin.value},
    )
