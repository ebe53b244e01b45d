"""Progress of a workspace's first sync, as an organization's people may see it.

The first sync is complete when the workspace was synced once, reconciled once, and has no backlog; also a day after connecting, unless it
was never synced. Of a shared workspace only deliveries for the organizations' own campaigns are counted.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from campaigns.models import Campaign
from instantly.choices import SyncStatus
from instantly.models import Delivery, Pending, SyncRun
from messaging.inbox.feed_facts import FirstSync, Stage
from salesbrain.kernel import fast_reads

FRESH = timedelta(days=1)
BACKLOG = 200
"""Pending deliveries from which on a queue counts as a first sync; shorter queues are recorded within seconds."""

MOST = 200_000
"""Limit up to which deliveries are counted."""


def first_sync_of(connections: Sequence[Any], organizations: Sequence[UUID], *, now: datetime) -> FirstSync | None:
    """Return the progress of the first sync of these connections, None where it is complete. In SYSTEM scope.

    The connections come from `with_feed` and `with_failures`.
    """
    unsynced = [each for each in connections if each.last_synced_at is None]
    if unsynced:
        return FirstSync(Stage.LISTING, has_failed=any(each.has_failed for each in unsynced))
    fresh = [each for each in connections if each.created_at > now - FRESH]
    if not fresh:
        return None
    deliveries = _deliveries(fresh, organizations)
    waiting = _count(deliveries.filter(pk__in=Pending.objects.values("delivery_id")))
    if waiting >= BACKLOG:
        stored = _count(deliveries)
        began = deliveries.order_by().aggregate(first=Min("received_at"))["first"]
        return FirstSync(Stage.RECORDING, recorded=max(stored - waiting, 0), waiting=waiting, began_at=began)
    unchecked = [each for each in fresh if each.reconciled_at is None]
    return FirstSync(Stage.CHECKING, has_failed=any(each.has_failed for each in unchecked)) if unchecked else None


def with_failures(found: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate connections with `has_failed`: whether any of their runs of sync or gap repair has failed."""
    return found.annotate(
        has_failed=Exists(SyncRun.objects.filter(connection=OuterRef("pk"), status=SyncStatus.FAILED))
    )


def _deliveries(connections: Iterable[Any], organizations: Sequence[UUID]) -> QuerySet[Delivery]:
    mine = [each.pk for each in connections if each.organization_id in organizations]
    shared = [each.pk for each in connections if each.pk not in mine]
    campaigns = Campaign.objects.filter(connection__in=shared, organization_id__in=organizations).order_by()
    return Delivery.objects.filter(
        Q(connection_id__in=mine) | Q(connection_id__in=shared, campaign__in=campaigns.values("provider_id"))
    )


def _count(deliveries: QuerySet[Delivery]) -> int:
    return fast_reads.count(deliveries, up_to=MOST)
