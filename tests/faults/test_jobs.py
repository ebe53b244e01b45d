"""Database restarts while the jobs process runs: it continues, or reports that it cannot."""

import signal

import pytest

from salesbrain import embedded_postgres
from tests.faults.installation import Installation, until

BEATEN = "SELECT count(*) FROM instantly_heartbeat WHERE beat_at > now() - interval '10 minutes'"
SEEN = "SELECT extract(epoch FROM beat_at)::float8 FROM instantly_heartbeat WHERE process = 'jobs'"
WORKING = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"
DEFER = """INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    VALUES ('default', 'instantly.tasks.sync_all', '{"timestamp": 0}')"""
WAITING = (
    "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'instantly.tasks.sync_all' AND status <> 'succeeded'"
)


def start_jobs(installation: Installation):
    with installation.superuser() as connection:
        connection.execute("TRUNCATE procrastinate_workers, procrastinate_jobs, instantly_heartbeat CASCADE")
    jobs = installation._start("jobs", [*installation.manage, "run_jobs"])
    until(lambda: installation.ask(BEATEN) == [(1,)], "the jobs process is seen")
    return jobs


def assert_jobs_are_run(installation: Installation) -> None:
    with installation.superuser() as connection:
        connection.execute(DEFER)
    until(lambda: installation.ask(WAITING) == [(0,)], "the job is done")


def test_jobs_go_on_after_the_database_was_restarted(installation: Installation):
    jobs = start_jobs(installation)
    for _ in range(2):
        installation.stop_the_database_at_once()
        embedded_postgres.ensure_running(installation.places)
        until(installation.database_answers, "the database is back")
        assert_jobs_are_run(installation)
        assert jobs.poll() is None
    assert "Connecting again" in (installation.logs / "jobs.log").read_text()
    jobs.send_signal(signal.SIGTERM)
    assert jobs.wait(60) == 0, "told to stop, it ends as it should"


@pytest.mark.thorough
def test_jobs_go_on_after_any_of_their_connections_was_cut(installation: Installation):
    jobs = start_jobs(installation)
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sb_app'"
    for condition in (" AND query LIKE 'LISTEN%'", "", " AND query LIKE '%procrastinate_workers%'"):
        installation.ask(ours + condition)
        assert_jobs_are_run(installation)
        assert jobs.poll() is None


def test_jobs_without_a_database_end_with_an_error(installation: Installation):
    installation.environment["DATABASE_URL"] = "postgres://sb_app@127.0.0.1:1/salesbrain"
    assert "Jobs cannot be run" in installation.run("run_jobs", fails=True)
