"""Queue a job that marks a conversation as read in the provider's own inbox, after it was read here.

One way only: a mark that the provider reports is stored with the message and changes no conversation.
"""

from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from accounts.models import ProviderConnection
from messaging.choices import Direction
from messaging.models import Contact, Message

from .sender import connection_of

PRIORITY = -10
DELAY = timedelta(seconds=30)
"""Delay before a conversation is marked as read at the provider, so that only the last of several changes counts."""


def queue_read_mark(contact: Contact) -> None:
    """Queue the job that marks a conversation as read at the provider, once until it has run. Call in the change's transaction and SYSTEM
    scope.
    """
    received = Message.objects.select_related("campaign").filter(
        organization=contact.organization_id, contact=contact.pk, direction=Direction.IN
    )
    latest = received.exclude(is_unread=False).order_by("-happened_at", "-id").first()
    connection_id = connection_of(latest) if latest else None
    connection = ProviderConnection.objects.filter(pk=connection_id).first() if connection_id else None
    if connection is None:
        return
    job = app.configure_task(
        f"{connection.provider}.tasks.mark_read_there", priority=PRIORITY, queueing_lock=f"read {contact.pk}",
        schedule_in={"seconds": int(DELAY.total_seconds())},
    )  # fmt: skip
    try:
        with transaction.atomic():
            job.defer(organization_id=str(contact.organization_id), contact_id=str(contact.pk))
    except AlreadyEnqueued:
        return
