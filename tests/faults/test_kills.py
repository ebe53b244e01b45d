"""kill -9 of worker, web server and database while events come in: every 2xx is there exactly once afterwards."""

from salesbrain import embedded_postgres
from tests.faults.installation import Installation, kill, until
from tests.faults.traffic import Traffic

HELD_UP = "SELECT count(*) FROM pg_locks WHERE relation = 'messaging_dailystats'::regclass AND NOT granted"
RECORDED = "SELECT count(*) FROM messaging_event"


def test_workers_killed_in_the_middle_of_a_batch_lose_and_double_nothing(installation: Installation):
    """Mid-batch for certain: the figures, written last, are locked; events, contacts and messages are written by then."""
    installation.start_web()
    with Traffic(installation) as traffic:
        for _ in range(4):
            worker = installation.start_worker()
            with installation.superuser() as connection, connection.transaction():
                connection.execute("LOCK TABLE messaging_dailystats IN SHARE ROW EXCLUSIVE MODE")
                until(lambda: installation.ask(HELD_UP)[0][0] > 0, "a worker is in the middle of a batch")
                assert installation.ask("SELECT count(*) FROM instantly_workerbatch")[0][0] > 0
                kill(worker)
        before = installation.ask(RECORDED)[0][0]
        installation.start_worker("--batch", "50")
        installation.start_worker("--batch", "7")
        until(lambda: installation.ask(RECORDED)[0][0] > before + 100, "the next workers go on")
    assert set(traffic.answers) == {200}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_a_worker_killed_again_and_again_at_any_moment_loses_and_doubles_nothing(installation: Installation):
    installation.start_web()
    with Traffic(installation, seed=2) as traffic:
        for _ in range(5):
            before = installation.ask(RECORDED)[0][0]
            worker = installation.start_worker("--batch", "20")
            until(lambda: installation.ask(RECORDED)[0][0] > before, "it has begun")  # noqa: B023  called at once
            kill(worker)
        installation.start_worker()
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_a_web_server_killed_under_traffic_has_stored_what_it_acknowledged(installation: Installation):
    installation.start_worker()
    with Traffic(installation, seed=3) as traffic:
        for _ in range(3):
            web = installation.start_web()
            acknowledged = len(traffic.acknowledged)
            until(lambda: len(traffic.acknowledged) > acknowledged + 30, "it accepts deliveries")  # noqa: B023
            kill(web)
        installation.start_web()
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_a_database_process_killed_under_traffic_costs_nothing(installation: Installation):
    """The server ends every connection and recovers; web and worker come back by themselves."""
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=4) as traffic:
        for _ in range(3):
            before = installation.ask(RECORDED)[0][0]
            until(lambda: installation.ask(RECORDED)[0][0] > before + 30, "events are recorded")  # noqa: B023
            installation.kill_a_backend()
            until(installation.database_answers, "the database has recovered")
    assert set(traffic.answers) <= {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_a_database_that_goes_down_at_once_and_comes_back_costs_nothing(installation: Installation):
    installation.start_web()
    installation.start_worker()
    with Traffic(installation, seed=5) as traffic:
        for _ in range(2):
            before = installation.ask(RECORDED)[0][0]
            until(lambda: installation.ask(RECORDED)[0][0] > before + 30, "events are recorded")  # noqa: B023
            refused = traffic.answers.get(503, 0)
            installation.stop_the_database_at_once()
            until(lambda: traffic.answers.get(503, 0) > refused, "deliveries are refused")  # noqa: B023
            embedded_postgres.ensure_running(installation.places)
    assert set(traffic.answers) == {200, 503}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)
