"""Gap repair: fetch deliveries that failed or never happened, and process them like any other.

First the subscription is switched on again where Instantly switched it off; then its delivery log is read, which has
the body of every attempt; then, where there was a time without a subscription, inbox and leads fill in what no log has.
Every run is a SyncRun that says where it got to, so that the next one goes on from there.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import ProviderConnection
from instantly.choices import AlertKind, SyncStatus, SyncTrigger
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.connections import webhook_subscription
from instantly.connections.services import ConnectionUnusable, client_for, pin_workspace, record_outcome
from instantly.models import SyncRun
from instantly.monitoring import feed_state
from instantly.monitoring.alerts import raise_alert, resolve_alerts
from instantly.monitoring.feed_health import completeness, gaps_of
from instantly.processing.batch import release_held
from instantly.schemas import Webhook, WebhookStatus
from instantly.sync.lock import connection_lock
from messaging.choices import Origin
from salesbrain import rls

from . import backfill, emails, leads, read_state

logger = logging.getLogger(__name__)

RECONCILE_SECONDS = 15 * 60
LOOK_BACK = timedelta(days=1)
"""The log goes by days and its retries by hours: a run looks at least this far behind where the last one ended."""
FIRST_LOOK = timedelta(days=30)
RESUME_AGAIN = timedelta(minutes=10)
RESUME_AT_MOST = timedelta(hours=6)


@dataclass
class ReconcileReport:
    """What one run found and did; its `facts` are the SyncRun's counts and what the next run goes on from."""

    connection: str
    status: SyncStatus = SyncStatus.RUNNING
    webhook: str = "none"
    webhook_id: str = ""
    log_rows: int = 0
    log_counted: int = 0
    log_failed: int = 0
    log_unread: int = 0
    from_log: int = 0
    from_mails: int = 0
    from_leads: int = 0
    derived: int = 0
    joined: int = 0
    read_state: int = 0
    through: datetime | None = None
    emails_through: datetime | None = None
    complete_since: datetime | None = None
    gaps: list[dict[str, Any]] = field(default_factory=list)
    undated: dict[str, int] = field(default_factory=dict)
    resumes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    requests: int = 0
    dry_run: bool = False

    def facts(self) -> dict[str, Any]:
        times = {name: getattr(self, name) for name in ("through", "emails_through", "complete_since")}
        return {
            **{name: moment.isoformat() if moment else None for name, moment in times.items()},
            "webhook": self.webhook,
            "webhook_id": self.webhook_id,
            "log_rows": self.log_rows,
            "log_counted": self.log_counted,
            "log_failed": self.log_failed,
            "log_unread": self.log_unread,
            "from_log": self.from_log,
            "from_mails": self.from_mails,
            "from_leads": self.from_leads,
            "derived": self.derived,
            "joined": self.joined,
            "read_state": self.read_state,
            "gaps": self.gaps[-feed_state.REMEMBERED :],
            "undated": self.undated,
            "resumes": self.resumes[-feed_state.REMEMBERED :],
        }

    def sentence(self) -> str:
        """What may be relied on, in words."""
        if self.complete_since is None:
            return "nothing can be said of the feed: " + ("; ".join(self.problems) or "there is no webhook")
        said = completeness(self.complete_since, gaps_of({"gaps": self.gaps}), self.undated)
        if self.log_rows >= self.log_counted:
            return said
        return (
            f"{said}; Instantly's log lists {self.log_rows} of {self.log_counted} deliveries it counts, the others are left to "
            "inbox and leads"
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "status": str(self.status),
            "outcome": self.sentence(),
            "errors": self.problems,
            "requests": self.requests,
            "dry_run": self.dry_run,
            **self.facts(),
        }


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
    """Fetch what did not arrive, and say since when the feed is complete. Call outside a transaction.

    `since` looks further back than the last run's end; `full` asks inbox and leads even where no time without a
    subscription is known. A failure of Instantly's is in the report, not an exception. Raises SyncRunning (another run
    of this connection), ConnectionUnusable, Django's DatabaseError classes.
    """
    now = now or timezone.now()
    client = client_for(connection)
    report = ReconcileReport(connection.name, dry_run=dry_run)
    with client, connection_lock(connection.pk, connection.name, purpose="reconcile"):
        run = None if dry_run else _begin(connection, actor_name, now)
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
            report.problems.append(f"The run broke off: {failure or type(failure).__name__}")
            raise
        finally:
            report.requests = client.requests_sent
            report.status = SyncStatus.FAILED if error else SyncStatus.SUCCEEDED
            if run is not None:
                _end(connection, run, report, before, error)
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
        self._miss_the_last(webhook)
        report, before = self.report, self.before
        report.gaps, report.resumes = list(before.get("gaps", [])), list(before.get("resumes", []))
        report.undated = before.get("undated", {})
        report.webhook_id = webhook.id if webhook else before.get("webhook_id", "")
        self._look_at(webhook)
        through = _moment(before.get("through"))
        start = since or (through - LOOK_BACK if through else self._first(webhook))
        self._read_log(start)
        report.through = self.now if webhook else through
        asked = _moment(before.get("emails_through"))
        starts = [moment for gap in report.gaps if not gap["filled"] and (moment := _moment(gap["from"]))]
        report.emails_through = asked or min(start, self.connection.created_at)  # before the webhook was, nothing came
        if starts or full or since or asked is None or asked < self.now - LOOK_BACK:
            self._ask_inbox_and_leads(min([report.emails_through, *starts, *([since] if since else [])]), settle)
        report.complete_since = _moment(self.before.get("complete_since")) or (webhook and self._first(webhook)) or None
        if not self.dry_run:
            release_held()
            self._ask_what_is_unread()

    def _miss_the_last(self, webhook: Webhook | None) -> None:
        """Write a gap down where the subscription of the last run is gone: it lasts until this one was made."""
        known, through = self.before.get("webhook_id"), _moment(self.before.get("through"))
        made = self.now if webhook is None else webhook.timestamp_created or self.now
        if known and through and made > through and (webhook is None or webhook.id != known):
            self.before = feed_state.with_gap(self.before, through, made)

    def _look_at(self, webhook: Webhook | None) -> None:
        """Switch the subscription on where it is off, after the time without it was written down as a gap."""
        report = self.report
        if webhook is None:
            report.webhook = "none"
            report.problems.append(
                f"There is no webhook; make it: manage.py register_webhook --connection {self.connection.name}"
            )
        elif webhook.status != WebhookStatus.DISABLED:
            report.webhook = "on" if webhook_subscription.delivers_all_events(webhook) else "partial"
            if report.webhook == "partial":
                report.problems.append(
                    "The webhook brings some events only, or brings them to another address; correct it: manage.py "
                    f"register_webhook --connection {self.connection.name}"
                )
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
        """Once at once; when it fails again, after ever longer pauses, with an alert: something here does not work."""
        report = self.report
        recent = [at for text in report.resumes if (at := _moment(text)) and at > self.now - 4 * RESUME_AT_MOST]
        pause = min(RESUME_AT_MOST, RESUME_AGAIN * 2 ** (len(recent) - 1)) if recent else timedelta(0)
        if recent and not self.dry_run:
            raise_alert(
                AlertKind.WEBHOOK_DISABLED,
                self.connection.pk,
                f"Instantly switched the webhook of {self.connection.name} off again after {len(recent)} resumes today. See "
                f"why deliveries fail: manage.py send_test_webhook --connection {self.connection.name}",
                now=self.now,
            )
        if self.dry_run or (recent and self.now < recent[-1] + pause):
            return
        self.client.resume_webhook(webhook.id)
        report.webhook = "resumed"
        report.resumes.append(self.now.isoformat())

    def _read_log(self, start: datetime) -> None:
        """Every attempt's body; what is stored already is a copy and changes nothing.

        The summary is asked first, so that what is delivered meanwhile does not look as if the log were short.
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
        self._say_unreadable("rows of Instantly's delivery log", report.log_unread)

    def _read_summary(self, start: datetime) -> None:
        """How many attempts there were, and how many failed. Only for comparison: without it the log is read all the same."""
        try:
            told = self.client.webhook_events_summary(from_date=start.date(), to_date=self.now.date())
        except InstantlyError as error:
            logger.info("No summary of the deliveries of %s: %s", self.connection.name, error)
            return
        self.report.log_counted = int(told.total_events or 0)
        self.report.log_failed = int(told.failed_events or 0)

    def _ask_inbox_and_leads(self, mails_from: datetime, settle: timedelta) -> None:
        """Each step is compared with a log that has what the step before it found."""
        report = self.report
        self._settle()
        mails = emails.reconcile_emails(
            self.connection, self.client, since=mails_from, now=self.now, settle=settle, dry_run=self.dry_run
        )
        self._say_unreadable("mails of the inbox", mails.unreadable)
        report.from_mails, report.joined = mails.backfilled, mails.joined
        report.emails_through = mails.through or mails_from
        self._settle()
        people = leads.reconcile_leads(
            self.connection,
            self.client,
            since=mails_from - emails.OVERLAP,
            until=self.now - settle,
            dry_run=self.dry_run,
        )
        self._say_unreadable("leads", people.unreadable)
        report.from_leads, report.derived, report.undated = people.backfilled, people.derived, people.undated
        seen = mails.through if report.webhook not in ("off", "none") else None
        report.gaps = [
            gap | {"filled": gap["filled"] or bool(seen and (end := _moment(gap["until"])) and end <= seen)}
            for gap in report.gaps
        ]

    def _say_unreadable(self, what: str, count: int) -> None:
        if count:
            self.report.problems.append(f"{count} {what} could not be read; what only they tell is missing.")

    def _ask_what_is_unread(self) -> None:
        """No fact of the feed: where the inbox cannot be asked, the run is as good, and says so."""
        try:
            self.report.read_state = read_state.update_read_state(self.connection, self.client, now=self.now)
        except InstantlyError as failure:
            self.report.problems.append(f"Which mails are unread is not known: {failure}")

    def _settle(self) -> None:
        if not self.dry_run and not backfill.wait_until_processed(self.connection):
            raise ConnectionUnusable(
                "Deliveries that were fetched are not processed yet, so inbox and leads cannot be compared with them; the "
                "next run goes on from here."
            )

    def _first(self, webhook: Webhook | None) -> datetime:
        """Since when deliveries can have been made at all, and no further back than a month."""
        made = (webhook and webhook.timestamp_created) or self.connection.created_at
        return max(made, self.now - FIRST_LOOK)


def _begin(connection: ProviderConnection, actor_name: str, now: datetime) -> SyncRun:
    with rls.scope(rls.SYSTEM):
        runs = SyncRun.objects.filter(connection=connection, trigger=SyncTrigger.RECONCILE)
        runs.filter(status=SyncStatus.RUNNING).update(
            status=SyncStatus.FAILED, finished_at=now, errors=[{"reason": "The process ended before the run did."}]
        )
        return SyncRun.objects.create(
            connection=connection, trigger=SyncTrigger.RECONCILE, actor_name=actor_name, started_at=now
        )


def _end(
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
        reason = "; ".join(report.problems) or "the webhook is off"
        raise_alert(AlertKind.FEED_GAP, connection.pk, f"{connection.name}: {reason}")
    else:
        resolve_alerts(AlertKind.FEED_GAP, connection_id=connection.pk)


def _moment(text: Any) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None
