"""Facts for a customer about Instantly's webhooks: last delivery, and since when none is missing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.monitoring.feed_health import feed_of, with_feed
from instantly.monitoring.first_sync import first_sync_of, with_failures
from messaging.inbox.feed_facts import FeedFacts
from salesbrain import rls

PROVIDER = "Instantly"


def feed_of_organizations(organizations: Sequence[UUID], now: datetime) -> FeedFacts | None:
    """Return the facts of these organizations' workspaces together, None where they have none. Inside of a transaction."""
    with rls.scope(rls.SYSTEM):
        shared = Campaign.objects.filter(organization_id__in=organizations).order_by().values("connection_id")
        used = ProviderConnection.objects.active().filter(Q(organization_id__in=organizations) | Q(pk__in=shared))
        connections = list(with_failures(with_feed(used.defer("api_key", "raw"))))
        if not connections:
            return None
        feeds = [feed_of(connection) for connection in connections]
        first_sync = first_sync_of(connections, organizations, now=now)
    since = [feed.complete_since for feed in feeds]
    return FeedFacts(
        PROVIDER,
        max((feed.last_event_at for feed in feeds if feed.last_event_at), default=None),
        max(at for at in since if at) if all(since) else None,
        sum(feed.open_gaps for feed in feeds),
        first_sync,
    )
