"""Command prune_deliveries: webhook bodies are deleted, results stay, copies still recognized."""

from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from threading import Thread

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from instantly.models import Delivery, Held, Pending
from instantly.processing import pruning
from instantly.processing.batch import process_pending
from instantly.processing.pruning import prune
from instantly.processing.replay import requeue
from instantly.webhooks.store import store_raw
from messaging.models import Event
from messaging.stats_rebuild import differences
from salesbrain import rls
from tests import factories
from tests.waiting import until_somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


def body(campaign, n: int = 0, **changes) -> bytes:
    told = {
        "event_type": "email_opened",
        "timestamp": f"2026-07-10T09:00:{n:02}.000Z",
        "campaign_id": campaign.provider_id,
        "lead_email": "lead\0@lead.example" if n % 2 else "lead@lead.example",
    }
    return orjson.dumps(told | changes)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def aged(campaign):
    """Create ten processed deliveries, the first six 100 days old; half of them with a cleaned copy beside the bytes."""
    ids = [store_raw(campaign.connection_id, body(campaign, n)) for n in range(10)]
    process_pending()
    age(ids[:6])
    return ids


def age(ids: Sequence[int | None], days: int = 100) -> None:
    with rls.scope(rls.SYSTEM):
        Delivery.objects.filter(pk__in=ids).update(received_at=timezone.now() - timedelta(days=days))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("prune_deliveries", *arguments, stdout=out)
    return out.getvalue()


def emptied() -> list[int]:
    with rls.scope(rls.SYSTEM):
        found = Delivery.objects.filter(body=None, cleaned=None).order_by("pk")
        return list(found.values_list("pk", flat=True))


def test_old_bodies_and_their_cleaned_copies_go_and_young_ones_stay(aged):
    assert run("--older-than", "90") == "6 bodies dropped.\n"
    assert emptied() == aged[:6]
    with rls.scope(rls.SYSTEM):
        assert all(delivery.text for delivery in Delivery.objects.filter(pk__in=aged[6:]))
        assert Event.objects.count() == 10
    assert differences() == []
    assert run("--older-than", "90") == "0 bodies dropped.\n"


def test_a_dry_run_counts_and_changes_nothing(aged):
    assert run("--older-than", "90", "--dry-run").startswith("6 bodies would be dropped (0.0 MB")
    assert emptied() == []


@pytest.mark.parametrize("chunk", [1, 2, 6, 100])
def test_chunks_of_any_size_reach_every_body(aged, chunk):
    before = timezone.now() - timedelta(days=90)
    steps = list(prune(before, chunk=chunk))
    assert sum(steps) == 6 and len(steps) == -(-6 // chunk)
    assert emptied() == aged[:6]


def test_a_copy_of_a_pruned_delivery_is_a_copy_still(aged, campaign):
    run("--older-than", "0")
    assert len(emptied()) == 10
    assert [store_raw(campaign.connection_id, body(campaign, n)) for n in range(10)] == [None] * 10
    assert process_pending() == 0


def test_pending_and_held_deliveries_keep_their_bodies(campaign):
    held = store_raw(campaign.connection_id, body(campaign, 1, campaign_id="not synced"))
    process_pending()
    waiting = store_raw(campaign.connection_id, body(campaign, 2))
    age([held, waiting])
    assert run("--older-than", "90") == "0 bodies dropped.\n"
    factories.campaign(campaign.connection, "New", provider_id="not synced")
    call_command("process_deliveries", "--once", stdout=StringIO())
    with rls.scope(rls.SYSTEM):
        assert Event.objects.count() == 2 and not Held.objects.exists()
    assert run("--older-than", "90") == "2 bodies dropped.\n"


def test_a_delivery_requeued_while_its_chunk_is_chosen_keeps_its_body(aged, monkeypatch):
    """The delivery is queued again after its chunk was chosen and before its body is deleted: the worker would find no body."""
    real = pruning.db.prepared

    def prepared(sql, *arguments, **options):
        if sql == pruning.LOCK:
            thread = Thread(target=_queue_all)
            thread.start()
            thread.join()
        return real(sql, *arguments, **options)

    monkeypatch.setattr(pruning.db, "prepared", prepared)
    assert run("--older-than", "90") == "0 bodies dropped.\n"
    assert emptied() == []


def _queue_all() -> None:
    with rls.scope(rls.SYSTEM):
        Pending.objects.bulk_create(Pending(delivery_id=id) for id in Delivery.objects.values_list("pk", flat=True))
    connection.close()


def test_a_delivery_being_pruned_is_not_requeued(campaign):
    id = store_raw(campaign.connection_id, body(campaign, campaign_id="not synced"))
    assert id
    process_pending()
    results: list[int] = []

    def queue() -> None:
        results.append(requeue([id]))
        connection.close()

    thread = Thread(target=queue)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as other:
        other.execute("UPDATE instantly_delivery SET body = NULL, cleaned = NULL WHERE id = %s", [id])
        thread.start()
        until_somebody_waits_for_a_lock()
    thread.join(10)
    assert results == [0]
    with rls.scope(rls.SYSTEM):
        assert not Pending.objects.exists()


@pytest.mark.parametrize(
    "arguments", [["--older-than", "-1"], ["--older-than", "nan"], ["--older-than", "9", "--chunk", "0"]]
)
def test_wrong_numbers_are_refused(arguments):
    with pytest.raises(CommandError, match="must be between"):
        run(*arguments)
