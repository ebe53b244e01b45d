"""Mark email threads as read at Instantly, after somebody read their conversation here.

A whole thread at a time (POST /emails/threads/{thread_id}/mark-as-read). A failure is only logged: the next visit to the conversation tries
again, and the mail is shown here all the same.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from accounts.models import ProviderConnection
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections.services import ConnectionUnusable, client_for
from messaging.choices import Direction
from messaging.inbox.sender import connection_of
from messaging.models import Conversation, Message
from salesbrain import rls

logger = logging.getLogger(__name__)

MOST = 20
"""Mails of one conversation that are considered, latest first."""

THREAD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Form of thread ids in Instantly's API; those in webhooks have another form, which the API does not accept."""


def mark_read_there(organization_id: UUID, contact_id: UUID) -> int:
    """Mark a conversation's unread threads as read at Instantly, unless it was marked unread since; return their number."""
    marked = 0
    for connection, mails in _unread(organization_id, contact_id):
        try:
            with client_for(connection) as client:
                marked += _mark(client, mails)
        except (InstantlyError, ConnectionUnusable) as error:
            logger.info("Could not mark conversation %s as read at Instantly: %s", contact_id, error)
    return marked


def _unread(organization_id: UUID, contact_id: UUID) -> Iterable[tuple[ProviderConnection, list[Message]]]:
    with rls.scope(rls.SYSTEM):
        conversation = Conversation.objects.filter(pk=contact_id, organization=organization_id).first()
        if conversation is None or conversation.is_unread:
            return []
        received = Message.objects.select_related("campaign").filter(
            organization=organization_id, contact=contact_id, direction=Direction.IN, email_id__isnull=False
        )
        mails: dict[UUID, list[Message]] = defaultdict(list)
        for mail in received.exclude(is_unread=False).order_by("-happened_at", "-id")[:MOST]:
            connection_id = connection_of(mail)
            if connection_id is not None:
                mails[connection_id].append(mail)
        connections = ProviderConnection.objects.select_related("organization").in_bulk(list(mails))
        return [(connections[id], mails[id]) for id in mails if id in connections]


def _mark(client: InstantlyClient, mails: list[Message]) -> int:
    threads: dict[str, list[Message]] = defaultdict(list)
    for mail in mails:
        threads[_thread_of(client, mail)].append(mail)
    threads.pop("", None)
    marked = 0
    for thread, read in threads.items():
        if client.mark_thread_read(thread):
            marked += 1
            with rls.scope(rls.SYSTEM):
                keys = sorted(mail.pk for mail in read)
                Message.objects.filter(pk__in=keys).exclude(is_unread=False).update(is_unread=False)
    return marked


def _thread_of(client: InstantlyClient, mail: Message) -> str:
    if mail.thread_id and THREAD.fullmatch(mail.thread_id):
        return mail.thread_id
    try:
        return client.email(mail.email_id or "").thread_id or ""
    except NotFound:
        return ""
