"""Scheduled jobs: queued once, and their effects. Only these tests empty procrastinate's queue."""

import asyncio

import pytest
from django.core.management import call_command
from django.db import connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django.utils import connector_params

from campaigns.models import Campaign
from instantly import tasks
from instantly.models import SyncRun
from salesbrain import rls

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("empty_queue"),
]


def queued():
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        return [(name.rpartition(".")[2], args) for name, args in cursor.fetchall()]


def test_the_schedule_makes_a_job_of_each_active_connection(acme_connection, globex_connection):
    with rls.scope(rls.SYSTEM):
        type(globex_connection).objects.filter(pk=globex_connection.pk).update(is_active=False)
    tasks.sync_all(0)
    tasks.reconcile_all(0)
    assert [name for name, _ in queued()] == ["sync_one", "reconcile_one"]
    assert all(
        str(acme_connection.pk) in str(args) and acme_connection.api_key not in str(args) for _, args in queued()
    )


def test_the_jobs_process_runs_queued_jobs(acme_connection, workspace):
    workspace(acme_connection)
    tasks.sync_one.defer(connection_id=str(acme_connection.pk))
    call_command("run_jobs", "--once")
    assert queued() == []
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.count() == 7
        assert [run.trigger for run in SyncRun.objects.all()] == ["schedule"]


def test_running_once_schedules_nothing(transactional_db):
    """`run_jobs --once` must not queue periodic jobs whose time has just passed, as a lasting process does at its start."""
    call_command("run_jobs", "--once")
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_periodic_defers")
        assert cursor.fetchone() == (0,)


def test_every_task_is_known_and_every_schedule_is_one():
    names = {name.rpartition(".")[2] for name in tasks.app.tasks}
    assert {"sync_all", "sync_one", "reconcile_all", "reconcile_one", "walk_leads", "retry_stalled"} <= names


STALLED = """INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args, status, attempts)
    VALUES ('default', %s, 0, %s, '{}', 'doing', 1) RETURNING id"""


def test_stalled_jobs_with_one_queueing_lock_hold_up_no_other(transactional_db):
    with connections["owner"].cursor() as cursor:
        for name, lock in (("reconcile_all", "reconcile_all"), ("reconcile_all", "reconcile_all"), ("sync_one", None)):
            cursor.execute(STALLED, [f"instantly.tasks.{name}", lock])

    async def retry() -> None:
        with tasks.app.replace_connector(
            PsycopgConnector(kwargs=connector_params("default"), min_size=1, max_size=2)
        ) as working:
            async with working.open_async():
                await tasks.retry_stalled.func(timestamp=0)

    asyncio.run(retry())
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT task_name, status FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [("instantly.tasks.reconcile_all", "todo"), ("instantly.tasks.sync_one", "todo")]
