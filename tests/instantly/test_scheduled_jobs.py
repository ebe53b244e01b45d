"""Record of scheduled jobs: latest run and error, missed turns, their finding, and schedules in words."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone, translation
from procrastinate.contrib.django import app

from instantly import findings, tasks
from instantly.job_titles import TITLES
from instantly.models import JobRun
from instantly.monitoring import job_runs
from instantly.monitoring.scheduled_jobs import GRACE, is_missed, schedule_in_words, scheduled_jobs
from messaging.findings.words import sentence
from messaging.models import Finding
from salesbrain import rls

NOW = datetime(2026, 7, 10, 12, 0, tzinfo=UTC)
NIGHTLY = "17 2 * * *"
NAME = "instantly.tasks.watch_queue"


def run(**times: Any) -> JobRun:
    return JobRun(task=NAME, **({"expected_since": NOW - timedelta(days=30)} | times))


def stored(task: str = NAME) -> JobRun:
    with rls.scope(rls.SYSTEM):
        return JobRun.objects.get(pk=task)


def test_every_scheduled_task_has_a_title_and_no_title_is_left_over():
    assert TITLES.keys() == job_runs.scheduled_tasks().keys()


@pytest.mark.parametrize(
    ("cron", "english", "german"),
    [
        ("* * * * *", "every minute", "jede Minute"),
        ("*/15 * * * *", "every 15 minutes", "alle 15 Minuten"),
        ("7,37 * * * *", "hourly at minute 7 and 37", "stündlich zur Minute 7 und 37"),
        ("41 */6 * * *", "every 6 hours, at minute 41", "alle 6 Stunden, zur Minute 41"),
        ("5 2 * * *", "daily at 02:05 UTC", "täglich um 02:05 UTC"),
        ("5 2 * * 1", "5 2 * * 1", "5 2 * * 1"),
    ],
)
def test_a_schedule_in_words(cron, english, german):
    assert schedule_in_words(cron) == english
    with translation.override("de"):
        assert schedule_in_words(cron) == german


def test_every_schedule_there_is_has_words():
    assert [cron for cron in job_runs.scheduled_tasks().values() if schedule_in_words(cron) == cron] == []


@pytest.mark.parametrize(
    ("succeeded_at", "missed"),
    [
        (datetime(2026, 7, 10, 2, 18, tzinfo=UTC), False),
        (datetime(2026, 7, 9, 2, 18, tzinfo=UTC), True),
        (None, True),
    ],
    ids=["last night", "the night before", "never"],
)
def test_a_turn_after_which_nothing_succeeded_is_missed(succeeded_at, missed):
    assert is_missed(NIGHTLY, run(succeeded_at=succeeded_at), NOW) is missed


def test_a_turn_is_not_missed_until_it_is_late():
    last_night = run(succeeded_at=datetime(2026, 7, 9, 2, 18, tzinfo=UTC))
    turn = datetime(2026, 7, 10, 2, 17, tzinfo=UTC)
    assert not is_missed(NIGHTLY, last_night, turn + GRACE)
    assert is_missed(NIGHTLY, last_night, turn + GRACE + timedelta(minutes=1))


def test_a_job_that_an_upgrade_brought_is_not_missed_before_its_first_turn():
    assert not is_missed(NIGHTLY, run(expected_since=NOW - timedelta(hours=2)), NOW)
    assert not is_missed(NIGHTLY, None, NOW)


@pytest.mark.django_db
def test_a_run_is_recorded_with_its_times():
    before = timezone.now()
    tasks.watch_queue(0)
    row = stored()
    assert row.started_at and row.finished_at and row.succeeded_at and before <= row.started_at <= row.finished_at
    assert (row.failed_at, row.error) == (None, "")


@pytest.mark.django_db
def test_an_error_is_kept_with_its_time_when_the_next_run_succeeds_and_its_text_is_not(monkeypatch):
    def broken() -> None:
        raise ValueError("about lead@lead.example")

    monkeypatch.setattr(tasks, "check_queue_age", broken)
    with pytest.raises(ValueError, match="lead"):
        tasks.watch_queue(0)
    failed = stored()
    assert (failed.error, failed.succeeded_at) == ("ValueError", None)
    monkeypatch.setattr(tasks, "check_queue_age", lambda: None)
    tasks.watch_queue(0)
    row = stored()
    assert (row.error, row.failed_at) == ("ValueError", failed.failed_at) and row.succeeded_at


@pytest.mark.django_db
def test_jobs_without_a_schedule_are_not_recorded():
    tasks.sync_one(connection_id="00000000-0000-0000-0000-000000000001")
    with rls.scope(rls.SYSTEM):
        assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_database_that_is_away_does_not_hide_the_jobs_own_error(monkeypatch):
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(job_runs.db, "prepared", away)
    job_runs.record(NAME, NOW, None)


@pytest.mark.django_db(transaction=True)
def test_the_coroutine_among_the_jobs_is_recorded_too(monkeypatch, empty_queue):
    async def none() -> list[Any]:
        return []

    monkeypatch.setattr(app.job_manager, "get_stalled_jobs", none)
    asyncio.run(tasks.retry_stalled.func(timestamp=0))
    assert stored("instantly.tasks.retry_stalled").succeeded_at


@pytest.mark.django_db
def test_a_missed_job_is_one_finding_that_is_over_when_it_runs_again():
    job_runs.expect()
    with rls.scope(rls.SYSTEM):
        JobRun.objects.update(expected_since=NOW, succeeded_at=timezone.now())
        JobRun.objects.filter(task="instantly.tasks.apply_retention").update(
            succeeded_at=timezone.now() - timedelta(hours=60)
        )
    findings.update(now=timezone.now())
    findings.update(now=timezone.now())
    with rls.scope(rls.SYSTEM):
        (row,) = Finding.objects.filter(rule="missed_job", until=None)
    assert sentence(row).startswith("Retention: remove what is kept no longer: no run has succeeded for 2 days.")
    tasks.apply_retention(0)
    findings.update(now=timezone.now())
    with rls.scope(rls.SYSTEM):
        assert not Finding.objects.filter(rule="missed_job", until=None).exists()


@pytest.mark.django_db
def test_two_missed_jobs_are_two_findings():
    job_runs.expect()
    with rls.scope(rls.SYSTEM):
        JobRun.objects.update(expected_since=NOW - timedelta(days=9))
    findings.update(now=timezone.now())
    with rls.scope(rls.SYSTEM):
        assert Finding.objects.filter(rule="missed_job", until=None).count() == len(TITLES)


@pytest.mark.django_db
def test_jobs_that_need_attention_come_first():
    job_runs.expect()
    with rls.scope(rls.SYSTEM):
        JobRun.objects.update(succeeded_at=NOW)
        JobRun.objects.filter(task="messaging.tasks.send_digests").update(
            succeeded_at=NOW - timedelta(days=1), failed_at=NOW
        )
        jobs = scheduled_jobs(now=NOW)
    assert (jobs[0].task, jobs[0].is_missed, jobs[0].has_failed) == ("messaging.tasks.send_digests", True, True)
    assert not any(job.is_missed for job in jobs[1:]) and all(job.next_at > NOW for job in jobs)
