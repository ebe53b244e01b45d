"""Start and finish a run of gap repair (fetching missed events): its row, state of the gap, alert."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import ProviderConnection
from instantly.choices import AlertKind, SyncStatus, SyncTrigger
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable, record_outcome
from instantly.models import SyncRun
from instantly.monitoring.alerts import raise_alert, resolve_alerts
from salesbrain import rls
from salesbrain.kernel.messages import message

from .report import ReconcileReport


def begin_run(connection: ProviderConnection, actor_name: str, now: datetime) -> SyncRun:
    with rls.scope(rls.SYSTEM):
        runs = SyncRun.objects.filter(connection=connection, trigger=SyncTrigger.RECONCILE)
        runs.filter(status=SyncStatus.RUNNING).update(
            status=SyncStatus.FAILED, finished_at=now, errors=[{"reason": message("reconcile.killed")}]
        )
        return SyncRun.objects.create(
            connection=connection, trigger=SyncTrigger.RECONCILE, actor_name=actor_name, started_at=now
        )


def end_run(
    connection: ProviderConnection,
    run: SyncRun,
    report: ReconcileReport,
    before: dict[str, Any],
    error: BaseException | None,
) -> None:
    now = timezone.now()
    kept = {"gaps": report.gaps, "resumes": report.resumes} if report.webhook != "none" else {}
    counts = report.facts() if error is None else before | kept
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.filter(pk=run.pk).update(
            status=report.status,
            finished_at=now,
            counts=counts,
            errors=[{"kind": "reconcile", "id": "", "reason": problem} for problem in report.problems],
            requests=report.requests,
        )
    if error is None or isinstance(error, InstantlyError | ConnectionUnusable):
        record_outcome(connection, error)
    if error is not None or report.webhook not in ("on", "resumed"):
        reasons = report.problems or [message("reconcile.webhook_off")]
        raise_alert(
            AlertKind.FEED_GAP, connection.pk, message("alert.of_connection", name=connection.name, what=list(reasons))
        )
    else:
        resolve_alerts(AlertKind.FEED_GAP, connection_id=connection.pk)
