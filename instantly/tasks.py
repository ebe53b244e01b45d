"""Jobs of the process `jobs` (manage.py run_jobs): scheduled syncs and repairs, actions, replies.

PostgreSQL is the queue; every scheduled job is also a command. Arguments are ids only, because they are logged in full.
A task begins with no scope; the services it calls open their own.
"""

import logging
from contextlib import suppress
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from accounts.choices import Provider
from accounts.models import ProviderConnection
from instantly import findings, retention
from instantly.actions import read_marks, replies, reply_lookup, runner
from instantly.choices import SyncTrigger
from instantly.connections.services import ConnectionUnusable
from instantly.monitoring import job_runs
from instantly.monitoring.queue_age import check_queue_age
from instantly.organization_removal import removal as organization_removal
from instantly.reconciliation.service import reconcile_connection
from instantly.sync.lock import SyncRunning
from instantly.sync.service import sync_connection
from messaging.inbox import build as conversation_build
from messaging.inbox import outbox
from messaging.intelligence.triage import learning
from salesbrain import rls
from salesbrain.kernel.jobs import close_connection_after, observe, observed

logger = logging.getLogger(__name__)
observe(job_runs.record)

SYNC_CRON = "*/15 * * * *"
RECONCILE_CRON = "7,37 * * * *"
LEADS_CRON = "23 3 * * *"
STALLED_CRON = "*/10 * * * *"
QUEUE_CRON = "* * * * *"
LEARN_CRON = "*/20 * * * *"
SETTLE_CRON = "* * * * *"
BUILD_CRON = "* * * * *"
FINDINGS_CRON = "*/5 * * * *"
COUNT_LEADS_CRON = "41 */6 * * *"
RETENTION_CRON = "17 2 * * *"
REMOVAL_CRON = "*/5 * * * *"


@app.periodic(cron=SYNC_CRON)
@app.task(queueing_lock="sync_all")
@close_connection_after
def sync_all(timestamp: int) -> None:
    """Sync all connections, like `manage.py sync_workspace --all`: one job per connection, so that a slow workspace delays no other."""
    for id in _connections():
        sync_one.defer(connection_id=str(id))


@app.task
@close_connection_after
def sync_one(connection_id: str, trigger: str = SyncTrigger.SCHEDULE.value, actor_name: str = "schedule") -> None:
    """Sync one connection. A failure is recorded as a SyncRun and an alert; the next attempt is the next scheduled one."""
    connection = _connection(connection_id)
    if connection is None:
        return
    try:
        sync_connection(connection, trigger=SyncTrigger(trigger), actor_name=actor_name)
    except (SyncRunning, ConnectionUnusable) as reason:
        logger.info("Not synced: %s", reason)


@app.periodic(cron=QUEUE_CRON)
@app.task(queueing_lock="watch_queue")
@close_connection_after
def watch_queue(timestamp: int) -> None:
    """Raise an alert while the oldest pending delivery waits too long: no worker runs, or it makes no progress."""
    check_queue_age()


@app.periodic(cron=RECONCILE_CRON)
@app.task(queueing_lock="reconcile_all")
@close_connection_after
def reconcile_all(timestamp: int) -> None:
    """Queue gap repair of all connections, like `manage.py reconcile_feed --all`."""
    for id in _connections():
        reconcile_one.defer(connection_id=str(id))


@app.periodic(cron=LEADS_CRON)
@app.task(queueing_lock="walk_leads")
@close_connection_after
def walk_leads(timestamp: int) -> None:
    """Fetch inbox and leads once a night, with or without a gap: like `manage.py reconcile_feed --all --full`."""
    for id in _connections():
        reconcile_one.defer(connection_id=str(id), full=True)


@app.task
@close_connection_after
def reconcile_one(connection_id: str, full: bool = False, actor_name: str = "schedule") -> None:
    connection = _connection(connection_id)
    if connection is None:
        return
    try:
        reconcile_connection(connection, actor_name=actor_name, full=full)
    except (SyncRunning, ConnectionUnusable) as reason:
        logger.info("Not reconciled: %s", reason)


@app.task
@close_connection_after
def perform_action(action_id: str) -> None:
    """Perform an action that staff requested in the admin. Its result, also a failure, is stored in the StaffAction."""
    runner.run_action(UUID(action_id))
    with suppress(AlreadyEnqueued):  # so that a finding that was fixed is soon over
        update_findings.configure(queueing_lock="update_findings").defer(timestamp=0)


@app.periodic(cron=STALLED_CRON)
@app.task(queueing_lock="retry_stalled")
@observed
async def retry_stalled(timestamp: int) -> None:
    """Run jobs of killed processes again: all of them may be repeated (an action first checks how far it had come)."""
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            # One with its queueing lock waits already and does the same.
            await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)
            logger.info("Dropped the stalled job %s (%s): another one waits", job.id, job.task_name)
        except ConnectorException:
            logger.exception("Could not retry the stalled job %s (%s)", job.id, job.task_name)


@app.periodic(cron=LEARN_CRON)
@app.task(queueing_lock="learn_triage")
@close_connection_after
def learn_triage(timestamp: int) -> None:
    """Train triage as `manage.py learn_triage` does, for organizations with ten new corrections, or any since last night."""
    now = timezone.now()
    for id in learning.due(now=now):
        learning.learn_for(id, now=now)


@app.periodic(cron=BUILD_CRON)
@app.task(queueing_lock="build_conversations")
@close_connection_after
def build_conversations(timestamp: int) -> None:
    """Build conversations as `manage.py build_conversations` does; after an upgrade it finishes once and then does nothing."""
    for id in conversation_build.unfinished():
        for progress in conversation_build.build(id, now=timezone.now()):
            logger.info("Conversations of %s: %d of %d", id, progress.built, progress.total)


@app.periodic(cron=FINDINGS_CRON)
@app.task(queueing_lock="update_findings")
@close_connection_after
def update_findings(timestamp: int) -> None:
    """Update findings as `manage.py update_findings` does: open what the rules find, close what they no longer find."""
    findings.update(now=timezone.now())


@app.periodic(cron=COUNT_LEADS_CRON)
@app.task(queueing_lock="count_leads")
@close_connection_after
def count_leads(timestamp: int) -> None:
    """Ask Instantly for the leads not contacted yet, like `manage.py update_findings --count-leads`."""
    findings.count_leads(now=timezone.now())


@app.periodic(cron=RETENTION_CRON)
@app.task(queueing_lock="apply_retention")
@close_connection_after
def apply_retention(timestamp: int) -> None:
    """Remove old rows like `manage.py apply_retention`. A run has a limit; the next one removes the rest, and other jobs may run in
    between.
    """
    done = retention.apply(now=timezone.now(), actor_name="schedule", batches=retention.BATCHES)
    if any(outcome.more for outcome in done):
        with suppress(AlreadyEnqueued):
            apply_retention.configure(queueing_lock="apply_retention").defer(timestamp=timestamp)


@app.periodic(cron=REMOVAL_CRON)
@app.task(queueing_lock="remove_organizations")
@close_connection_after
def remove_organizations(timestamp: int) -> None:
    """Remove the rows of organizations whose removal was requested; a run has a limit, and the next one removes the rest."""
    left = [id for id in organization_removal.due(now=timezone.now()) if not organization_removal.remove(id)]
    if left:
        with suppress(AlreadyEnqueued):
            remove_organizations.configure(queueing_lock="remove_organizations", schedule_in={"seconds": 5}).defer(
                timestamp=timestamp
            )


@app.task(queue=outbox.QUEUE)
@close_connection_after
def send_reply(outbox_id: str) -> None:
    """Send a queued reply if it is due. The outcome is stored in its row; after a killed process it is looked up, never sent again."""
    replies.send_reply(UUID(outbox_id))


@app.periodic(cron=SETTLE_CRON)
@app.task(queue=outbox.QUEUE, queueing_lock="settle_replies")
@close_connection_after
def settle_replies(timestamp: int) -> None:
    """Find out the outcome of replies whose process died or whose response was lost."""
    reply_lookup.settle(replies.note_sent)


@app.task
@close_connection_after
def mark_read_there(organization_id: str, contact_id: str) -> None:
    """Mark a conversation as read at Instantly, after somebody read it here. A failure is only logged."""
    read_marks.mark_read_there(UUID(organization_id), UUID(contact_id))


def _connections() -> list[UUID]:
    with rls.scope(rls.SYSTEM):
        ours = ProviderConnection.objects.active().filter(provider=Provider.INSTANTLY).order_by("name")
        return list(ours.values_list("pk", flat=True))


def _connection(connection_id: str) -> ProviderConnection | None:
    with rls.scope(rls.SYSTEM):
        return (
            ProviderConnection.objects.select_related("organization").filter(pk=connection_id, is_active=True).first()
        )
