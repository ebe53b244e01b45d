"""Run of the retention rules: removed rows, later reports, unchanged figures and copies."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEntry
from instantly import retention, tasks
from instantly.choices import HeldReason, SyncStatus, SyncTrigger
from instantly.models import Delivery, Held, SyncRun
from instantly.monitoring.feed_state import last_facts
from instantly.processing.batch import process_pending
from instantly.processing.holding import dismiss
from instantly.webhooks.store import store_raw
from messaging.models import Event, Message
from messaging.stats_rebuild import differences
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()


def body(campaign, n: int, **changes: Any) -> bytes:
    told = {
        "event_type": "reply_received", "timestamp": f"2026-07-10T09:00:{n:02}.000Z", "campaign_id": campaign.provider_id,
        "lead_email": f"lead-{n}@lead.example", "reply_text": "Gladly, call me on Thursday.", "email_id": f"mail-{n}",
    }  # fmt: skip
    return orjson.dumps(told | changes)


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def received(campaign, ages: list[int], **changes: Any) -> list[int]:
    """Receive and process a reply for each age in days."""
    ids = [store_raw(campaign.connection_id, body(campaign, n, **changes)) for n in range(len(ages))]
    process_pending()
    with rls.scope(rls.SYSTEM):
        for id, age in zip(ids, ages, strict=True):
            Delivery.objects.filter(pk=id).update(received_at=NOW - timedelta(days=age))
    return [id for id in ids if id]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("apply_retention", *arguments, stdout=out)
    return out.getvalue()


def bodies() -> set[int]:
    with rls.scope(rls.SYSTEM):
        return set(Delivery.objects.exclude(body=None).values_list("pk", flat=True))


def test_bodies_of_ninety_days_are_removed_and_copies_events_and_figures_stay(campaign):
    ids = received(campaign, [200, 91, 89, 1])
    assert "bodies of webhook deliveries: 2 removed" in run()
    assert bodies() == set(ids[2:])
    assert store_raw(campaign.connection_id, body(campaign, 0)) is None
    assert differences() == []
    with rls.scope(rls.SYSTEM):
        assert (Event.objects.count(), Message.objects.filter(reply_text__contains="Thursday").count()) == (4, 4)


def test_a_dry_run_counts_the_same_and_changes_nothing(campaign):
    received(campaign, [200, 91, 1])
    said = json.loads(run("--dry-run", "--json"))
    assert {rule["rule"]: rule["rows"] for rule in said["rules"] if rule["rows"]} == {"bodies": 2}
    assert said["dry_run"] and len(bodies()) == 3
    assert "Nothing was changed." in run("--dry-run")


@pytest.mark.parametrize("setting", [rule.setting for rule in retention.RULES])
def test_zero_keeps_for_ever(campaign, settings, setting):
    received(campaign, [200])
    setattr(settings, setting, 0)
    said = run("--dry-run")
    assert f"kept for ever ({setting}=0)" in said
    assert ("1 would be removed" in said) == (setting != "RETENTION_BODIES_DAYS")


def test_a_held_delivery_keeps_its_body_until_it_is_dismissed(campaign):
    (id,) = received(campaign, [200], timestamp="unreadable")
    with rls.scope(rls.SYSTEM):
        assert Held.objects.get().reason == HeldReason.DEAD
    run()
    assert bodies() == {id}
    dismiss([id], actor_name="test")
    run()
    assert bodies() == set()


def test_replay_and_rebuild_say_that_retention_removed_the_body(campaign):
    received(campaign, [200, 1])
    run()
    out = StringIO()
    call_command("rebuild_reply_texts", stdout=out)
    assert "1 received mails were read again; the texts of 0 were changed." in out.getvalue()
    assert (
        "1 received mails stay as they are: the bodies of their deliveries were removed by retention" in out.getvalue()
    )
    (id,) = received(campaign, [200], timestamp="unreadable", lead_email="held@lead.example")
    dismiss([id], actor_name="test")
    run()
    out = StringIO()
    call_command("replay_deliveries", "--id", str(id), stdout=out)
    assert (
        f"1 cannot be replayed, because their bodies were removed by retention or an erasure: #{id}." in out.getvalue()
    )


def test_rebuilding_what_is_stored_needs_no_body(campaign):
    received(campaign, [200, 200])
    run()
    for command in (
        ["rebuild_stats", "--check"],
        ["rebuild_stats"],
        ["rebuild_conversations"],
        ["rebuild_search"],
        ["rebuild_judgements"],
    ):
        call_command(*command, stdout=StringIO())
    assert differences() == []
    with rls.scope(rls.SYSTEM):
        assert Message.objects.filter(reply_text__contains="Thursday").count() == 2


def a_run(connection_row: Any, age: float, **fields: Any) -> SyncRun:
    at = NOW - timedelta(days=age)
    values = {
        "trigger": SyncTrigger.RECONCILE,
        "status": SyncStatus.SUCCEEDED,
        "started_at": at,
        "finished_at": at,
    } | fields
    return SyncRun.objects.create(connection=connection_row, **values)


def test_old_runs_are_removed_except_the_one_that_gap_repair_continues_from(acme_connection, globex_connection):
    with rls.scope(rls.SYSTEM):
        for age in (300, 250):
            a_run(acme_connection, age, trigger=SyncTrigger.SCHEDULE)
        a_run(acme_connection, 200, counts={"gaps": ["older"]})
        with_facts = a_run(acme_connection, 150, counts={"gaps": ["latest"]}, status=SyncStatus.FAILED)
        succeeded = a_run(acme_connection, 149)
        unfinished = a_run(acme_connection, 140, status=SyncStatus.RUNNING, finished_at=None)
        theirs = a_run(globex_connection, 300)
        young = a_run(acme_connection, 1, trigger=SyncTrigger.COMMAND)
    assert "sync runs: 2 removed" in run()
    with rls.scope(rls.SYSTEM):
        left = set(SyncRun.objects.exclude(trigger=SyncTrigger.SCHEDULE).values_list("pk", flat=True))
        assert left == {row.pk for row in (with_facts, succeeded, unfinished, theirs, young)}
        assert SyncRun.objects.filter(trigger=SyncTrigger.SCHEDULE).count() == 1
    assert last_facts(acme_connection) == {"gaps": ["latest"]}


def test_one_audit_entry_has_the_numbers_and_a_run_without_any_writes_none(campaign):
    received(campaign, [200, 200])
    run()
    run()
    with rls.scope(rls.SYSTEM):
        (entry,) = AuditEntry.objects.filter(action="retention.apply")
        assert entry.detail.items() >= {"bodies": 2}.items() and entry.actor_name == "manage.py apply_retention"


def test_a_run_ends_at_its_limit_and_reports_that_there_is_more(campaign, monkeypatch):
    received(campaign, [200] * 5)
    monkeypatch.setattr(retention, "BATCH", 2)
    runs = [retention.apply(now=NOW, actor_name="test", rules=retention.OWN[:1], batches=2)[0] for _ in range(3)]
    assert [(each.rows, each.more) for each in runs] == [(4, True), (1, False), (0, False)]


def test_the_job_queues_itself_for_the_remaining_rows(campaign, empty_queue, monkeypatch):
    received(campaign, [200] * 3)
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "BATCHES", 1)
    queued = []
    for left in (2, 1, 0, 0):
        tasks.apply_retention(0)
        assert len(bodies()) == left
        with connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%apply_retention'")
            queued.append(cursor.rowcount)
    assert queued == [1, 1, 1, 0]
