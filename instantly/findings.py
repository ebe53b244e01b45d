"""Findings on feed, keys and drift of connections, measurement of leads, and the run over all sources."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Max, Q

from accounts.choices import ConnectionStatus, Provider
from accounts.models import ProviderConnection, WebhookSecret
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from instantly.choices import ActionState, AlertKind
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable, client_for
from instantly.finding_rules import CRITICAL, DRIFT, EXPIRING_SECRET, FEED_GAP, MISSED_JOB, OF_ALERTS, REFUSED_KEY
from instantly.models import Alert, StaffAction
from instantly.monitoring.feed_health import feeds
from instantly.monitoring.scheduled_jobs import scheduled_jobs
from messaging.choices import FindingTarget, MeasurementKind, Severity
from messaging.findings import judges, sources
from messaging.findings.engine import Changes, Found, Source, Target
from messaging.findings.engine import run as run_engine
from messaging.findings.judges import Judgement
from messaging.findings.rules import registered
from messaging.models import Finding
from salesbrain import rls

logger = logging.getLogger(__name__)

NOBODY = UUID(int=0)
"""Target id of findings about the installation itself."""
COMPARED = timedelta(days=7)
"""Age beyond which a comparison of stats is not judged any more."""

REFUSED = (
    ConnectionStatus.UNAUTHORIZED, ConnectionStatus.UNPAID, ConnectionStatus.FORBIDDEN, ConnectionStatus.FAILING,
)  # fmt: skip


def connection_target(row: ProviderConnection) -> Target:
    return Target(FindingTarget.CONNECTION, row.pk, row.name, row.organization_id)


def of_alerts(now: datetime) -> Iterator[Found]:
    """Yield a finding for each open alert of the kinds in OF_ALERTS, which no other rule judges."""
    rows = Alert.objects.filter(resolved_at__isnull=True, kind__in=list(OF_ALERTS)).select_related("connection")
    for row in rows.defer("connection__api_key", "connection__raw"):
        kind = AlertKind(row.kind)
        severity = Severity.CRITICAL if kind in CRITICAL else Severity.WARNING
        if row.connection is None:
            target = Target(FindingTarget.INSTALLATION, NOBODY, "Salesbrain")
        elif row.connection.is_active:
            target = connection_target(row.connection)
        else:
            continue
        yield Found(target, Judgement(OF_ALERTS[kind], severity, row.occurrences, detail=row.detail))


def of_connections(now: datetime) -> Iterator[Found]:
    """Yield findings on the key, the feed's gaps and the secrets of each active connection."""
    gaps = {feed.connection_id: feed.open_gaps for feed in feeds()}
    valid: Any = WebhookSecret.objects.valid(now)
    endless = set(valid.filter(expires_at__isnull=True).values_list("connection_id", flat=True))
    ends = dict(valid.order_by().values_list("connection_id").annotate(end=Max("expires_at")))
    for row in _connections():
        target = connection_target(row)
        if row.status in REFUSED:
            yield Found(target, Judgement(REFUSED_KEY, Severity.CRITICAL, reason=row.status, detail=row.status_detail))
        if gaps.get(row.pk):
            yield Found(target, Judgement(FEED_GAP, Severity.CRITICAL, gaps[row.pk]))
        if row.pk in ends and row.pk not in endless:
            days = round((ends[row.pk] - now) / timedelta(days=1), 1)
            verdict = judges.expiring(EXPIRING_SECRET, days_left=days)
            if verdict is not None:
                yield Found(target, verdict)


def of_comparisons(now: datetime) -> Iterator[Found]:
    """Yield a finding for each connection whose latest recent comparison with Instantly shows different stats."""
    done = StaffAction.objects.filter(kind="drift", state=ActionState.DONE, finished_at__gt=now - COMPARED)
    latest: dict[UUID, StaffAction] = {row.connection_id: row for row in done.order_by("finished_at")}
    for row in _connections():
        differ = latest[row.pk].result.get("differ") if row.pk in latest else None
        if differ:
            yield Found(connection_target(row), Judgement(DRIFT, Severity.WARNING, len(differ)))


def of_jobs(now: datetime) -> Iterator[Found]:
    """Yield a finding for each scheduled job without a successful run since its last scheduled time."""
    for job in scheduled_jobs(now=now):
        if job.is_missed and job.run is not None:
            hours = (now - (job.run.succeeded_at or job.run.expected_since)) / timedelta(hours=1)
            target = Target(FindingTarget.INSTALLATION, uuid5(NOBODY, job.task), "Salesbrain")
            yield Found(
                target, Judgement(MISSED_JOB, Severity.WARNING, int(hours), reason=job.task, detail=job.run.error)
            )


SOURCES = (
    *sources.SOURCES,
    Source("alerts", tuple(OF_ALERTS.values()), of_alerts),
    Source("connections", (REFUSED_KEY, FEED_GAP, EXPIRING_SECRET), of_connections),
    Source("comparisons", (DRIFT,), of_comparisons),
    Source("jobs", (MISSED_JOB,), of_jobs),
)


def update(*, now: datetime) -> Changes:
    """Take the daily measurements, run all rules, store the changes; note on each closed finding the staff action that preceded it."""
    with rls.scope(rls.SYSTEM):
        sources.measure(now)
    changes = run_engine(SOURCES, now=now)
    _note_preceding_actions(changes.closed)
    return changes


def _note_preceding_actions(closed: list[Finding]) -> None:
    """Store on each closed finding the latest fixing staff action that was requested and finished while it was open."""
    known = registered()
    with rls.scope(rls.SYSTEM):
        for row in closed:
            kind = known[row.rule].fix(row.target_type, row.reason)
            if not kind:
                continue
            of = Q(connection_id=row.target_id, target_id__isnull=True) | Q(target_id=row.target_id)
            action = StaffAction.objects.filter(
                of, kind=kind, state=ActionState.DONE, created_at__gte=row.since, finished_at__lte=row.until
            )
            row.action_id = action.order_by("-created_at").values_list("pk", flat=True).first()
        Finding.objects.bulk_update([row for row in closed if row.action_id], ["action_id"])


def count_leads(*, now: datetime) -> int:
    """Ask Instantly how many leads of each active campaign are not contacted yet, and store it; return the number of campaigns.

    `leads_count` less `contacted_count` ("leads whose sequence started") of GET /campaigns/analytics. A connection that fails is left
    out: its sync says why. Call outside of a transaction.
    """
    with rls.scope(rls.SYSTEM):
        active = ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY)
        connections = list(active.defer("raw").order_by("name"))  # with their keys: they are read outside of a scope
    kept = 0
    for connection in connections:
        try:
            with client_for(connection) as client:
                rows = list(client.campaign_analytics())  # it asks while it is read
        except (InstantlyError, ConnectionUnusable) as error:
            logger.info("Leads of %s were not counted: %s", connection.pk, error)
            continue
        left = {
            row.campaign_id: max(0.0, float(row.leads_count - row.contacted_count))
            for row in rows
            if row.leads_count is not None and row.contacted_count is not None
        }
        with rls.scope(rls.SYSTEM):
            ours = Campaign.objects.filter(connection=connection, status=CampaignStatus.ACTIVE, provider_id__in=left)
            values = {pk: left[theirs] for pk, theirs in ours.values_list("pk", "provider_id")}
            kept += sources.keep(MeasurementKind.LEADS_LEFT, values, now)
    return kept


def _connections() -> Any:
    return ProviderConnection.objects.active().defer("api_key", "raw")
