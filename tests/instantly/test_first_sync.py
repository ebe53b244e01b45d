"""Progress of a workspace's first sync, as its organization's people see it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import ProviderConnection
from instantly.choices import SyncStatus, SyncTrigger
from instantly.models import Delivery, Pending, SyncRun
from instantly.monitoring import first_sync
from instantly.monitoring.organization_feed import feed_of_organizations
from messaging.inbox.feed_facts import FirstSync, Stage
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db


def progress(*organizations) -> FirstSync | None:
    facts = feed_of_organizations([each.pk for each in organizations], timezone.now())
    assert facts is not None
    return facts.first_sync


def synced(connection) -> None:
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.filter(pk=connection.pk).update(last_synced_at=timezone.now())


def run(connection, status=SyncStatus.SUCCEEDED, trigger=SyncTrigger.RECONCILE) -> None:
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(connection=connection, trigger=trigger, status=status, finished_at=timezone.now())


def deliver(connection, *, done: int = 0, waiting: int = 0, campaign: str = "", began: datetime | None = None) -> None:
    with rls.scope(rls.SYSTEM):
        known = Delivery.objects.count()
        stored = Delivery.objects.bulk_create(
            Delivery(
                connection_id=connection.pk, digest=f"{known + n}".encode(), event_type="email_sent", campaign=campaign,
                body=b"{}", received_at=began or timezone.now(),
            )
            for n in range(done + waiting)
        )  # fmt: skip
        Pending.objects.bulk_create(Pending(delivery_id=each.pk) for each in stored[done:])


@pytest.fixture(autouse=True)
def few_are_a_backlog(monkeypatch) -> None:
    monkeypatch.setattr(first_sync, "BACKLOG", 3)


def test_a_workspace_that_was_never_synced_is_being_listed(acme, acme_connection):
    assert progress(acme) == FirstSync(Stage.LISTING)


def test_a_failed_first_sync_is_reported_as_failed(acme, acme_connection):
    run(acme_connection, SyncStatus.FAILED, SyncTrigger.SCHEDULE)
    assert progress(acme) == FirstSync(Stage.LISTING, has_failed=True)


def test_deliveries_that_wait_are_counted_beside_those_recorded(acme, acme_connection):
    synced(acme_connection)
    began = timezone.now() - timedelta(minutes=1)
    deliver(acme_connection, done=6, waiting=3, began=began)
    found = progress(acme)
    assert found and (found.stage, found.recorded, found.waiting, found.total) == (Stage.RECORDING, 6, 3, 9)
    assert found.remaining(began + timedelta(minutes=1)) == timedelta(seconds=30)


def test_no_end_is_estimated_before_anything_is_recorded(acme, acme_connection):
    synced(acme_connection)
    deliver(acme_connection, waiting=5)
    found = progress(acme)
    assert found and found.remaining(timezone.now() + timedelta(minutes=1)) is None


def test_the_past_is_checked_until_gap_repair_has_succeeded_once(acme, acme_connection):
    synced(acme_connection)
    assert progress(acme) == FirstSync(Stage.CHECKING)
    run(acme_connection, SyncStatus.FAILED)
    assert progress(acme) == FirstSync(Stage.CHECKING, has_failed=True)
    run(acme_connection)
    assert progress(acme) is None


def test_a_short_queue_does_not_count_as_a_first_sync(acme, acme_connection):
    synced(acme_connection)
    run(acme_connection)
    deliver(acme_connection, done=5, waiting=2)
    assert progress(acme) is None


def test_a_workspace_older_than_a_day_is_past_its_first_sync(acme, acme_connection):
    synced(acme_connection)
    deliver(acme_connection, waiting=9)
    with rls.scope(rls.SYSTEM):
        ProviderConnection.objects.filter(pk=acme_connection.pk).update(created_at=timezone.now() - timedelta(days=2))
    assert progress(acme) is None


def test_of_a_shared_workspace_only_own_campaigns_are_counted(acme, globex):
    shared = factories.connection("both", None)
    mine, theirs = factories.campaign(shared, "Ours"), factories.campaign(shared, "Theirs")
    with rls.scope(rls.SYSTEM):
        type(mine).objects.filter(pk=mine.pk).update(organization=acme)
        type(mine).objects.filter(pk=theirs.pk).update(organization=globex)
    synced(shared)
    deliver(shared, done=1, waiting=4, campaign=mine.provider_id)
    deliver(shared, done=7, waiting=9, campaign=theirs.provider_id)
    found = progress(acme)
    assert found and (found.recorded, found.waiting) == (1, 4)
