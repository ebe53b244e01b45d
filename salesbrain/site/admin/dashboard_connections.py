"""Connections on the dashboard: sync, feed and its age, backlog, held deliveries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from accounts.choices import ConnectionStatus
from accounts.models import ProviderConnection
from instantly.models import Alert, Delivery, Held, Pending
from instantly.monitoring.feed_health import Feed, feed_of, with_feed

LATE_SYNC = timedelta(hours=24)
"""A connection that was not synced for longer is marked: campaigns made since are not known yet."""


@dataclass(slots=True)
class ConnectionRow:
    """One workspace: time of its last sync, its last event, its backlog. `feed` None: not queried, because the workspace is only counted
    and not listed.
    """

    connection: ProviderConnection
    backlog: int
    held: dict[str, int]
    alerts: int
    sync_is_late: bool
    feed: Feed | None = None

    @property
    def held_total(self) -> int:
        return sum(self.held.values())

    @property
    def works(self) -> bool:
        return self.connection.status == ConnectionStatus.WORKING


def _grouped(queryset: Any, column: str) -> dict[Any, int]:
    return dict(queryset.order_by().values_list(column).annotate(count=Count("pk")))


def connection_rows(*, now: datetime, most: int) -> list[ConnectionRow]:
    """Return a row per active connection, those with a problem first; the first `most` with their feed."""
    active = ProviderConnection.objects.active().defer("api_key", "raw").select_related("organization")
    of_delivery = Delivery.objects.filter(pk=OuterRef("delivery_id")).values("connection_id")
    backlog = _grouped(Pending.objects.annotate(connection=Subquery(of_delivery)), "connection")
    held: dict[Any, dict[str, int]] = {}
    waiting = Held.objects.annotate(connection=Subquery(of_delivery)).order_by().values_list("connection", "reason")
    for connection, reason, count in waiting.annotate(count=Count("pk")):
        held.setdefault(connection, {})[reason] = count
    alerts = _grouped(Alert.objects.filter(resolved_at__isnull=True), "connection_id")
    rows = [
        ConnectionRow(
            connection,
            backlog=backlog.get(connection.pk, 0),
            held=held.get(connection.pk, {}),
            alerts=alerts.get(connection.pk, 0),
            sync_is_late=connection.last_synced_at is None or connection.last_synced_at < now - LATE_SYNC,
        )
        for connection in active
    ]
    rows.sort(key=lambda row: (row.works and not row.alerts, row.connection.name))
    shown = [row.connection.pk for row in rows[:most]]
    feeds = {
        told.pk: feed_of(told)
        for told in with_feed(ProviderConnection.objects.filter(pk__in=shown).defer("api_key", "raw"))
    }
    for row in rows[:most]:
        row.feed = feeds[row.connection.pk]
    return rows
