"""Removal of an organization's rows, one bounded transaction after the other.

An interrupted run continues where it stopped. It begins SETTLE after the request: by then no web process knows the webhook secrets any
more, and deliveries that are still queued are deleted under the workers' locks, so that nothing is recorded afterwards.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import EmailAccount, Organization, ProviderConnection
from accounts.models.organization import HOUSE_ID
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly.choices import HeldReason
from instantly.models import Alert, Delivery, Held, StaffAction, SyncRun
from instantly.organization_removal.plan import only_here
from instantly.organization_removal.tables import QUEUES, TABLES
from instantly.sync.lock import SyncRunning, connection_lock
from messaging.models import Event, Finding, Measurement
from salesbrain import rls
from salesbrain.kernel import db

SETTLE = timedelta(minutes=2)
"""Time between request and removal: longer than a web process caches a secret (30 s), and longer than a batch takes."""
BATCH = 1000
BATCHES = 300
"""Maximum of transactions per run of the job, so that it does not delay other jobs for long."""

REMOVE = """DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE organization_id = %s LIMIT %s)) RETURNING {key}"""
REMOVE_BY_KEY = "DELETE FROM {table} WHERE id = ANY (%s)"
# Not SKIP LOCKED: a worker that records one of them is waited for.
UNQUEUE = """DELETE FROM instantly_pending WHERE delivery_id = ANY (ARRAY(
    SELECT p.delivery_id FROM instantly_pending p JOIN instantly_delivery d ON d.id = p.delivery_id
    WHERE d.connection_id = ANY (%s) ORDER BY p.delivery_id LIMIT %s))"""
DELIVERIES = """WITH gone AS (DELETE FROM instantly_delivery WHERE id = ANY (ARRAY(
        SELECT id FROM instantly_delivery WHERE connection_id = %s ORDER BY id LIMIT %s)) RETURNING id),
    unheld AS (DELETE FROM instantly_held h USING gone g WHERE h.delivery_id = g.id)
    SELECT count(*) FROM gone"""
# Of campaigns in shared workspaces: held ones are over, and nobody reads them again.
DISMISS = """WITH ours AS (
        SELECT h.delivery_id AS id FROM instantly_held h JOIN instantly_delivery d ON d.id = h.delivery_id
            JOIN campaigns_campaign c ON c.connection_id = d.connection_id AND c.provider_id = d.campaign
        WHERE c.organization_id = %s),
    over AS (UPDATE instantly_held h SET reason = %s, next_try_at = NULL FROM ours o WHERE h.delivery_id = o.id)
    UPDATE instantly_delivery d SET body = NULL, cleaned = NULL FROM ours o WHERE d.id = o.id AND d.body IS NOT NULL"""
ACCESS = "SELECT sb_forget_access(%s, 'infinity', %s)"


def due(*, now: datetime) -> list[UUID]:
    """Return the organizations whose removal was requested long enough ago."""
    with rls.scope(rls.SYSTEM):
        waiting = Organization.objects.filter(removal_requested_at__lte=now - SETTLE, is_house=False)
        return list(waiting.order_by("removal_requested_at").values_list("pk", flat=True))


def remove(organization_id: UUID, *, batches: int | None = BATCHES) -> bool:
    """Remove rows in up to `batches` transactions (None: all); return whether the organization is gone. Call outside a transaction."""
    with rls.scope(rls.SYSTEM):
        organization = Organization.objects.filter(pk=organization_id).first()
        if organization is None:
            return True
        if organization.is_house or organization.removal_requested_at is None:
            return False
        connections = dict(ProviderConnection.objects.filter(organization=organization).values_list("pk", "name"))
    with ExitStack() as held:
        try:
            for id, name in connections.items():
                held.enter_context(connection_lock(id, name))
                held.enter_context(connection_lock(id, name, purpose="reconcile"))
        except SyncRunning:
            return False
        steps = _steps(organization_id, list(connections))
        for _ in islice(steps, batches):
            pass
        if next(steps, None) is not None:
            return False
        _finish(organization_id, list(connections))
    return True


def _steps(organization_id: UUID, connections: list[UUID]) -> Iterator[int]:
    """Yield the number of rows after each transaction that had any."""
    yield from _repeat(lambda: db.prepared(UNQUEUE, [connections, BATCH]).rowcount)
    yield from _once(lambda: db.prepared(DISMISS, [organization_id, HeldReason.DISMISSED.value]).rowcount)
    yield from _once(lambda: _forget_admin_log(organization_id))
    yield from _repeat(lambda: _remove_users(organization_id))
    for model in TABLES:
        yield from _repeat(lambda model=model: _remove_rows(model, organization_id))
    yield from _repeat(lambda: _first(db.prepared(ACCESS, [organization_id, BATCH])))
    for id in connections:
        yield from _repeat(lambda id=id: _first(db.prepared(DELIVERIES, [id, BATCH])))
    yield from _once(lambda: _return_to_house(organization_id))
    for own in (SyncRun, StaffAction, Alert, EmailAccount, Campaign):
        yield from _repeat(lambda own=own: _remove_of_connections(own, connections))


def _repeat(step: Any) -> Iterator[int]:
    while True:
        with rls.scope(rls.SYSTEM):
            count = step()
        if not count:
            return
        yield count


def _once(step: Any) -> Iterator[int]:
    with rls.scope(rls.SYSTEM):
        count = step()
    if count:
        yield count


def _first(cursor: Any) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _remove_rows(model: type[models.Model], organization_id: UUID) -> int:
    meta = model._meta
    key = meta.pk.column if meta.pk else "ctid"
    statement = REMOVE.format(table=meta.db_table, key=key)
    ids = [id for (id,) in db.prepared(statement, [organization_id, BATCH])]
    for queue in QUEUES.get(model, ()):
        queue._default_manager.filter(pk__in=ids).delete()
    if model is Event:  # of a shared workspace: the digest stays, so that what comes again is still a copy
        Delivery.objects.filter(pk__in=ids, body__isnull=False).update(body=None, cleaned=None)
    return len(ids)


def _remove_users(organization_id: UUID) -> int:
    """Delete users who can log in nowhere else, with their tokens, and the failed logins under their addresses."""
    users = list(only_here(organization_id)[:BATCH])
    AccessAttempt.objects.filter(username__in=[user.email for user in users]).delete()
    for user in users:
        user.delete()
    return len(users)


def _forget_admin_log(organization_id: UUID) -> int:
    """Delete entries of Django's own log about the organization's rows: they hold names and addresses."""
    removed = 0
    looked_at: tuple[type[models.Model], ...] = (*TABLES, EmailAccount, Campaign)
    for model in looked_at:
        entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        known = {_key(model, text): text for text in entries.values_list("object_id", flat=True).distinct() if text}
        known.pop(None, None)
        mine = model._default_manager.filter(organization_id=organization_id, pk__in=list(known))
        texts = [known[pk] for pk in mine.values_list("pk", flat=True)]
        removed += entries.filter(object_id__in=texts).delete()[0] if texts else 0
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Organization), object_id=str(organization_id)
    )
    return removed + about.delete()[0]


def _key(model: type[models.Model], text: str) -> Any:
    try:
        return model._meta.pk.to_python(text) if model._meta.pk else None
    except (ValueError, ValidationError):
        return None


def _return_to_house(organization_id: UUID) -> int:
    """Return campaigns and email accounts of shared workspaces, which still exist at Instantly, to the house. Campaigns keep the mark that
    keeps their deliveries from being recorded.
    """
    shared = {"organization": organization_id, "connection__organization__isnull": True}
    campaigns = Campaign.objects.filter(**shared).update(organization_id=HOUSE_ID, assigned_at=None, raw={})
    return campaigns + EmailAccount.objects.filter(**shared).update(organization_id=HOUSE_ID)


def _remove_of_connections(model: Any, connections: list[UUID]) -> int:
    ids = list(model.objects.filter(connection__in=connections).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if model in (Campaign, EmailAccount):
        Measurement.objects.filter(target_id__in=ids).delete()
        Finding.objects.filter(target_id__in=ids).delete()
    db.prepared(REMOVE_BY_KEY.format(table=model._meta.db_table), [ids])  # a key refuses what is still referred to
    return len(ids)


def _finish(organization_id: UUID, connections: list[UUID]) -> None:
    """Delete connections and organization. Raises ProtectedError, without a change, if a row still refers to them."""
    with rls.scope(rls.SYSTEM):
        organization = Organization.objects.select_for_update().get(pk=organization_id)
        Held.objects.filter(
            delivery_id__in=Delivery.objects.filter(connection_id__in=connections).values("pk")
        ).delete()
        Delivery.objects.filter(connection_id__in=connections).delete()
        Finding.objects.filter(target_id__in=[organization_id, *connections]).delete()
        for connection in ProviderConnection.objects.filter(pk__in=connections):
            connection.delete()
        organization.delete()
        record_audit(action="organization.removed", actor_name="run_jobs", organization_id=organization_id)
