"""Sync one connection: list everything at Instantly, then write it. Used by command, API, admin, jobs.

Everything is listed completely over HTTP with no transaction open, then each kind of object is written in one transaction, then the
connection's time of sync is set. Killed at any point, a sync has written whole kinds or nothing, and the next run continues from there.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import ProviderConnection
from instantly.choices import AlertKind, SyncStatus, SyncTrigger
from instantly.client import InstantlyClient, Listing
from instantly.client.errors import InstantlyError, InvalidKey, OutOfTime, PaymentRequired
from instantly.connections.services import REFUSALS, ConnectionUnusable, client_for, pin_workspace, record_outcome
from instantly.models import SyncRun
from instantly.monitoring.alerts import raise_alert, resolve_alerts
from instantly.processing.batch import release_held
from salesbrain import rls
from salesbrain.kernel.messages import Message, message

from . import derived_events, mirror
from .lead_counts import store_lead_counts
from .lock import SyncRunning, connection_lock
from .new_campaigns import assign_new_campaigns
from .report import Counts, SyncReport

__all__ = ["ConnectionUnusable", "SyncReport", "SyncRunning", "sync_connection"]

SYNC_SECONDS = 15 * 60
HOPELESS = (InvalidKey, PaymentRequired, OutOfTime)
"""Errors after which the next kind of object would fail too, so that the sync ends."""

LISTINGS: dict[str, Callable[[InstantlyClient], Listing[Any]]] = {
    mirror.CAMPAIGNS.name: lambda client: client.campaigns(),
    mirror.EMAIL_ACCOUNTS.name: lambda client: client.email_accounts(include_tags=True),
}

Progress = Callable[[str, int], object]
"""Callback with the kind of object and the number listed so far."""


def sync_connection(
    connection: ProviderConnection,
    *,
    trigger: SyncTrigger,
    actor_name: str = "",
    campaigns: bool = True,
    email_accounts: bool = True,
    now: datetime | None = None,
    believe_empty: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Mirror the campaigns and email accounts of a connection's workspace; return the changes.

    Call outside a transaction. A failure of Instantly's is no exception but a report with status `failed` or `incomplete`, a SyncRun row,
    the connection's status and an alert, which the next sync that succeeds resolves. `believe_empty` accepts an empty list where there were
    objects before; without it such a list raises an alert and marks nothing missing. `dry_run` writes nothing at all. Raises SyncRunning,
    ConnectionUnusable, and Django's DatabaseError classes.
    """
    client = client_for(connection)
    with client, connection_lock(connection.pk, connection.name):
        sync = _Sync(connection, client, now=now, believe_empty=believe_empty, dry_run=dry_run, progress=progress)
        if not dry_run:
            sync.begin(trigger, actor_name)
        try:
            kinds = [kind for kind, wanted in zip(mirror.KINDS, (campaigns, email_accounts), strict=True) if wanted]
            sync.run(kinds)
        except BaseException as error:
            sync.fail("sync", error)
            raise
        finally:
            sync.end()
    return sync.report


def _read(
    kind: mirror.Kind, listing: Listing[Any], listed: list[bytes], known: Mapping[str, mirror.Known]
) -> dict[str, mirror.Row | None]:
    """Return the listed objects by key: a row if new or changed, None if the stored one is equal.

    An unstable order may list one twice: the last counts.
    """
    ours = {row.digest: key for key, row in known.items() if row.digest and not row.is_missing}
    objects: dict[str, mirror.Row | None] = {}
    for stored in listed:
        digest = mirror.digest(stored)
        if key := ours.get(digest):
            objects[key] = None
        elif item := listing.read(stored):
            objects[kind.key(item)] = mirror.Row(kind.row(item), stored, digest)
    return objects


class _DryRun(Exception):
    """Raised to roll back what a dry run has written in order to count it."""


class _Sync:
    """One run of a sync: state shared by its steps."""

    def __init__(
        self,
        connection: ProviderConnection,
        client: InstantlyClient,
        *,
        now: datetime | None,
        believe_empty: bool,
        dry_run: bool,
        progress: Progress | None,
    ) -> None:
        self.connection, self.client = connection, client
        self.now = now
        self.believe_empty, self.dry_run, self.progress = believe_empty, dry_run, progress
        self.report = SyncReport(connection.name, connection.pk, self._time(), dry_run=dry_run)
        self.error: BaseException | None = None
        self.emptied: list[Message] = []
        self.run_id: UUID

    def begin(self, trigger: SyncTrigger, actor_name: str) -> None:
        """Store the run. The connection's lock is held, so an older run still marked as running was killed."""
        with rls.scope(rls.SYSTEM):
            killed = SyncRun.objects.filter(connection=self.connection, status=SyncStatus.RUNNING)
            killed.exclude(trigger=SyncTrigger.RECONCILE).update(
                status=SyncStatus.FAILED,
                finished_at=timezone.now(),
                errors=[{"kind": "sync", "id": "", "reason": message("sync.killed")}],
            )
            run = SyncRun.objects.create(
                connection=self.connection, trigger=trigger, actor_name=actor_name, started_at=self.report.started_at
            )
        self.report.run_id = self.run_id = run.pk

    def run(self, kinds: list[mirror.Kind]) -> None:
        with self.client.within(seconds=SYNC_SECONDS):
            try:
                if self.dry_run:
                    self._look_at_workspace()
                else:
                    pin_workspace(self.connection, self.client)
                for kind in kinds:
                    self._sync(kind)
                if mirror.CAMPAIGNS in kinds and not self.dry_run:
                    store_lead_counts(self.connection, self.client)
                    assign_new_campaigns(self.connection, self.client, self.report, now=self._time())
            except (InstantlyError, ConnectionUnusable) as error:
                self.fail("sync", error)
        if not self.dry_run:
            self.report.released = release_held()

    def _look_at_workspace(self) -> None:
        if self.connection.workspace_id:
            self.client.require_workspace(self.connection.workspace_id)

    def _sync(self, kind: mirror.Kind) -> None:
        """List one kind of object, then write it. An incomplete listing is written, but marks nothing as missing."""
        counts = self.report.kinds[kind.name] = Counts()
        began_at, before = self._time(), self.client.requests_sent
        listing = LISTINGS[kind.name](self.client)
        listed: list[bytes] = []
        try:
            for page in listing.unread():
                listed += page
                if self.progress:
                    self.progress(kind.name, listing.listed)
        except InstantlyError as error:
            self.fail(kind.name, error)
        counts.requests = self.client.requests_sent - before
        with rls.scope(rls.SYSTEM):
            known = mirror.known(kind, self.connection)
        objects = _read(kind, listing, listed, known)
        rejected = {item.id: item for item in listing.rejected if item.id and item.id not in objects}
        nameless = [item for item in listing.rejected if not item.id]
        for item in (*rejected.values(), *nameless):
            self.report.problem(kind.name, item.id, item.reason)
        counts.errors = len(rejected) + len(nameless)
        counts.listed = len(objects) + counts.errors
        counts.complete = listing.complete and not nameless
        self._write(kind, counts, objects, known, sorted(rejected), began_at)
        if isinstance(self.error, HOPELESS):
            raise self.error

    def _write(
        self,
        kind: mirror.Kind,
        counts: Counts,
        objects: dict[str, mirror.Row | None],
        known: Mapping[str, mirror.Known],
        unreadable: list[str],
        began_at: datetime,
    ) -> None:
        with suppress(_DryRun), rls.scope(rls.SYSTEM):
            if counts.complete and not counts.listed:
                self._suspect_emptiness(kind, counts)
            there = {key for key, row in known.items() if not row.is_missing}
            absent = there.difference(objects, unreadable) if counts.complete else set()
            changes = mirror.write(
                kind,
                self.connection,
                [row for key, row in objects.items() if row and key in known],
                new=[row for key, row in objects.items() if row and key not in known],
                absent=sorted(absent),
                seen_at=began_at,
                began_at=began_at,
            )
            if kind is mirror.CAMPAIGNS and counts.complete:
                counts.forgotten = mirror.make_unknown_campaigns(
                    self.connection, seen_at=began_at, began_at=began_at, unreadable=unreadable
                )
            self.report.derived += derived_events.store_derived_events(kind, self.connection, changes, seen_at=began_at)
            if self.dry_run:
                raise _DryRun
        counts.imported = sum(change.action == "imported" for change in changes)
        counts.updated = sum(change.action == "updated" for change in changes)
        counts.missing = sum(change.action == "missing" for change in changes)
        counts.found_again = sum(change.was_missing for change in changes)

    def _suspect_emptiness(self, kind: mirror.Kind, counts: Counts) -> None:
        """Raise an alert if an empty list arrives where objects exist: the live API answers so to a wrong parameter."""
        known = kind.model._default_manager.filter(connection=self.connection, missing_since__isnull=True).count()
        if known and not self.believe_empty:
            counts.complete = False
            self.emptied.append(message(f"sync.no_{kind.name}", name=self.connection.name, known=known))
            self.report.problem(kind.name, "", self.emptied[-1])

    def fail(self, kind: str, error: BaseException) -> None:
        if error is not self.error:
            self.error = self.error or error
            self.report.problem(kind, "", str(error) or type(error).__name__)

    def end(self) -> None:
        """Store the result: in the report and, unless it is a dry run, in the run's row, on the connection and as alerts."""
        report = self.report
        report.finished_at = self._time()
        report.requests = self.client.requests_sent
        report.status = self._status()
        if self.dry_run:
            return
        facts = {"status": report.status, "finished_at": report.finished_at, "counts": report.counts()}
        with rls.scope(rls.SYSTEM):
            SyncRun.objects.filter(pk=self.run_id).update(errors=report.problems, requests=report.requests, **facts)
            if report.status != SyncStatus.FAILED:
                ProviderConnection.objects.filter(pk=self.connection.pk).update(last_synced_at=report.finished_at)
                self.connection.last_synced_at = report.finished_at
        if self.error is None or isinstance(self.error, InstantlyError | ConnectionUnusable):
            record_outcome(self.connection, self.error)
        self._alert(self.connection.pk, report.finished_at)

    def _status(self) -> SyncStatus:
        if self.error is None:
            return SyncStatus.INCOMPLETE if self.report.problems else SyncStatus.SUCCEEDED
        came = any(counts.complete for counts in self.report.kinds.values())
        return SyncStatus.INCOMPLETE if came and isinstance(self.error, InstantlyError) else SyncStatus.FAILED

    def _alert(self, id: UUID, now: datetime) -> None:
        refused = isinstance(self.error, tuple(REFUSALS))
        states: dict[AlertKind, list[str]] = {
            AlertKind.CONNECTION_REFUSED: [str(self.error)] if refused else [],
            AlertKind.SYNC_FAILED: [str(self.error)] if self.error is not None and not refused else [],
            AlertKind.SYNC_EMPTY: list(self.emptied),
        }
        for kind, detail in states.items():
            if detail:
                raise_alert(kind, id, message("alert.of_connection", name=self.connection.name, what=detail), now=now)
        over = [kind for kind, detail in states.items() if not detail]
        if self.report.status != SyncStatus.FAILED:
            resolve_alerts(*over, connection_id=id, now=now)

    def _time(self) -> datetime:
        return self.now or timezone.now()
