"""Run gap repair: fetch events whose webhook delivery failed or never happened, then process them.

First the subscription is enabled again where Instantly disabled it; then its delivery log is read, which has the body of every attempt;
then, for a time without a subscription, inbox and leads supply the events that no log contains. Every run is a SyncRun with its position,
from which the next one continues.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import ProviderConnection
from instantly.choices import AlertKind, SyncStatus
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.connections import webhook_subscription
from instantly.connections.services import ConnectionUnusable, client_for, pin_workspace
from instantly.models import SyncRun
from instantly.monitoring import feed_state
from instantly.monitoring.alerts import raise_alert, resolve_alerts
from instantly.processing.batch import release_held
from instantly.schemas import Webhook, WebhookStatus
from instantly.sync.lock import connection_lock
from messaging.choices import Origin
from salesbrain import rls
from salesbrain.kernel.messages import message

from . import backfill, emails, leads, read_state
from .report import ReconcileReport
from .runs import begin_run, end_run

logger = logging.getLogger(__name__)

RECONCILE_SECONDS = 15 * 60
LOOK_BACK = timedelta(days=1)
"""Time before the end of the last run from which on the delivery log is read again, because it goes by days."""
FIRST_LOOK = timedelta(days=30)
RESUME_AGAIN = timedelta(minutes=10)
RESUME_AT_MOST = timedelta(hours=6)


def reconcile_connection(
    connection: ProviderConnection,
    *,
    actor_name: str = "",
    since: datetime | None = None,
    now: datetime | None = None,
    settle: timedelta = emails.SETTLE,
    full: bool = False,
    dry_run: bool = False,
) -> ReconcileReport:
    """Fetch missed deliveries of a connection and report since when its events are complete. Call outside a transaction.

    `since` looks further back than the last run's end; `full` reads inbox and leads even where no time without a subscription is known. A
    failure of Instantly's is in the report, not an exception. Raises SyncRunning (another run of this connection), ConnectionUnusable,
    Django's DatabaseError classes.
    """
    now = now or timezone.now()
    client = client_for(connection)
    report = ReconcileReport(connection.name, dry_run=dry_run)
    with client, connection_lock(connection.pk, connection.name, purpose="reconcile"):
        run = None if dry_run else begin_run(connection, actor_name, now)
        before = feed_state.last_facts(connection, before=run.pk if run else None)
        error: BaseException | None = None
        try:
            with client.within(seconds=RECONCILE_SECONDS):
                if not dry_run:
                    pin_workspace(connection, client)
                _Reconcile(connection, client, report, before, now, run).go(since, settle, full)
        except (InstantlyError, ConnectionUnusable) as failure:
            error = failure
            report.problems.append(str(failure))
        except BaseException as failure:
            error = failure
            report.problems.append(message("reconcile.broke_off", reason=str(failure) or type(failure).__name__))
            raise
        finally:
            report.requests = client.requests_sent
            report.status = SyncStatus.FAILED if error else SyncStatus.SUCCEEDED
            if run is not None:
                end_run(connection, run, report, before, error)
    return report


class _Reconcile:
    def __init__(
        self,
        connection: ProviderConnection,
        client: InstantlyClient,
        report: ReconcileReport,
        before: dict[str, Any],
        now: datetime,
        run: SyncRun | None,
    ) -> None:
        self.connection, self.client, self.report = connection, client, report
        self.before, self.now, self.run, self.dry_run = before, now, run, run is None

    def go(self, since: datetime | None, settle: timedelta, full: bool) -> None:
        webhook = next(iter(webhook_subscription.own_webhooks(self.client)), None)
        self._note_deleted_webhook(webhook)
        report, before = self.report, self.before
        report.gaps, report.resumes = list(before.get("gaps", [])), list(before.get("resumes", []))
        report.undated = before.get("undated", {})
        report.webhook_id = webhook.id if webhook else before.get("webhook_id", "")
        self._check_webhook(webhook)
        through = _moment(before.get("through"))
        start = since or (through - LOOK_BACK if through else self._earliest_delivery(webhook))
        self._read_log(start)
        report.through = self.now if webhook else through
        asked = _moment(before.get("emails_through"))
        starts = [moment for gap in report.gaps if not gap["filled"] and (moment := _moment(gap["from"]))]
        report.emails_through = asked or min(start, self.connection.created_at)  # before the webhook was, nothing came
        if starts or full or since or asked is None or asked < self.now - LOOK_BACK:
            self._ask_inbox_and_leads(min([report.emails_through, *starts, *([since] if since else [])]), settle)
        self._store_manual_mails(start, settle)
        report.complete_since = (
            _moment(self.before.get("complete_since")) or (webhook and self._earliest_delivery(webhook)) or None
        )
        if not self.dry_run:
            release_held()
            self._update_read_state()

    def _note_deleted_webhook(self, webhook: Webhook | None) -> None:
        """Record a gap if the subscription of the last run was deleted: it lasts until this one was made."""
        known, through = self.before.get("webhook_id"), _moment(self.before.get("through"))
        made = self.now if webhook is None else webhook.timestamp_created or self.now
        if known and through and made > through and (webhook is None or webhook.id != known):
            self.before = feed_state.with_gap(self.before, through, made)

    def _check_webhook(self, webhook: Webhook | None) -> None:
        """Re-enable the subscription if it is disabled, after the time without it was stored as a gap."""
        report = self.report
        if webhook is None:
            report.webhook = "none"
            report.problems.append(message("reconcile.no_webhook", name=self.connection.name))
        elif webhook.status != WebhookStatus.DISABLED:
            report.webhook = "on" if webhook_subscription.delivers_all_events(webhook) else "partial"
            if report.webhook == "partial":
                report.problems.append(message("reconcile.partial_webhook", name=self.connection.name))
            if not self.dry_run:
                resolve_alerts(AlertKind.WEBHOOK_DISABLED, connection_id=self.connection.pk, now=self.now)
        else:
            report.webhook = "off"
            self.before = feed_state.with_gap(self.before, webhook.timestamp_error or self.now, self.now)
            report.gaps = list(self.before["gaps"])
            if self.run is not None:
                with rls.scope(rls.SYSTEM):
                    SyncRun.objects.filter(pk=self.run.pk).update(counts=self.before)
            self._resume(webhook)

    def _resume(self, webhook: Webhook) -> None:
        """Re-enable the webhook at once; if it is disabled again, after growing pauses and with an alert."""
        report = self.report
        recent = [at for text in report.resumes if (at := _moment(text)) and at > self.now - 4 * RESUME_AT_MOST]
        pause = min(RESUME_AT_MOST, RESUME_AGAIN * 2 ** (len(recent) - 1)) if recent else timedelta(0)
        if recent and not self.dry_run:
            raise_alert(
                AlertKind.WEBHOOK_DISABLED,
                self.connection.pk,
                message("alert.webhook_off_again", name=self.connection.name, count=len(recent)),
                now=self.now,
            )
        if self.dry_run or (recent and self.now < recent[-1] + pause):
            return
        self.client.resume_webhook(webhook.id)
        report.webhook = "resumed"
        report.resumes.append(self.now.isoformat())

    def _read_log(self, start: datetime) -> None:
        """Store the bodies of all delivery attempts in Instantly's log; stored ones are recognized as copies.

        The summary is read first, so that deliveries made meanwhile do not make the log look incomplete.
        """
        report = self.report
        self._read_summary(start)
        log = self.client.webhook_events(from_date=start.date(), to_date=self.now.date())

        def bodies() -> Any:
            for attempt in log:
                report.log_rows += 1
                if attempt.payload:
                    yield attempt.payload
                else:
                    report.log_unread += not attempt.success

        report.from_log = backfill.store_missing(
            self.connection, bodies(), origin=Origin.BACKFILL, dry_run=self.dry_run
        )
        report.log_unread += len(log.rejected)
        self._report_unreadable("reconcile.unread_log", report.log_unread)

    def _read_summary(self, start: datetime) -> None:
        """Read the numbers of attempts and failures, for comparison only: without them the log is read all the same."""
        try:
            summary = self.client.webhook_events_summary(from_date=start.date(), to_date=self.now.date())
        except InstantlyError as error:
            logger.info("No summary of the deliveries of %s: %s", self.connection.name, error)
            return
        self.report.log_counted = int(summary.total_events or 0)
        self.report.log_failed = int(summary.failed_events or 0)

    def _ask_inbox_and_leads(self, mails_from: datetime, settle: timedelta) -> None:
        """Fetch missing events from inbox and leads. Each step is compared with a log that contains the results of the one before."""
        report = self.report
        self._settle()
        mails = emails.reconcile_emails(
            self.connection, self.client, since=mails_from, now=self.now, settle=settle, dry_run=self.dry_run
        )
        self._report_unreadable("reconcile.unread_mails", mails.unreadable)
        report.from_mails, report.joined, report.from_manual = mails.backfilled, mails.joined, mails.untracked
        report.emails_through = mails.through or mails_from
        self._settle()
        people = leads.reconcile_leads(
            self.connection,
            self.client,
            since=mails_from - emails.OVERLAP,
            until=self.now - settle,
            dry_run=self.dry_run,
        )
        self._report_unreadable("reconcile.unread_leads", people.unreadable)
        report.from_leads, report.derived, report.undated = people.backfilled, people.derived, people.undated
        seen = mails.through if report.webhook not in ("off", "none") else None
        report.gaps = [
            gap | {"filled": gap["filled"] or bool(seen and (end := _moment(gap["until"])) and end <= seen)}
            for gap in report.gaps
        ]

    def _report_unreadable(self, key: str, count: int) -> None:
        if count:
            self.report.problems.append(message(key, count=count))

    def _store_manual_mails(self, start: datetime, settle: timedelta) -> None:
        """Store mails written by hand. If that fails, the next run continues from the same place."""
        report = self.report
        since = _moment(self.before.get("manual_through")) or min(start, self.connection.created_at)
        mails = emails.MailCounts()
        try:
            emails.reconcile_manual_mails(
                self.connection,
                self.client,
                since=since,
                now=self.now,
                counts=mails,
                settle=settle,
                dry_run=self.dry_run,
            )
        except InstantlyError as failure:
            report.problems.append(message("reconcile.manual_unknown", reason=str(failure)))
        report.from_manual += mails.untracked
        report.manual_through = mails.through or since

    def _update_read_state(self) -> None:
        """Update read states. Not part of the feed: if the inbox cannot be read, the run still succeeds and reports it."""
        try:
            self.report.read_state = read_state.update_read_state(self.connection, self.client, now=self.now)
        except InstantlyError as failure:
            self.report.problems.append(message("reconcile.read_state_unknown", reason=str(failure)))

    def _settle(self) -> None:
        if not self.dry_run and not backfill.wait_until_processed(self.connection):
            raise ConnectionUnusable(
                "Deliveries that were fetched are not processed yet, so inbox and leads cannot be compared with them; the "
                "next run goes on from here."
            )

    def _earliest_delivery(self, webhook: Webhook | None) -> datetime:
        """Return the earliest time at which deliveries can have been made, at most a month ago."""
        made = (webhook and webhook.timestamp_created) or self.connection.created_at
        return max(made, self.now - FIRST_LOOK)


def _moment(text: Any) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None
