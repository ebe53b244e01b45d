"""kill -9 of worker, web server and database under load: every accepted webhook is stored once."""

import subprocess
from contextlib import suppress
from time import monotonic, sleep

import psutil
import pytest

from salesbrain import embedded_postgres
from tests.faults.installation import Installation, kill, until
from tests.faults.traffic import UNANSWERED, Traffic

# Numbers of: workers that wait for the locked stats, recorded events, pending deliveries, deliveries of a worker's announced batch.
HELD_UP = "SELECT count(*) FROM pg_locks WHERE relation = 'messaging_dailystats'::regclass AND NOT granted"
RECORDED = "SELECT count(*) FROM messaging_event"
STUCK = "SELECT count(*) FROM instantly_pending"
ANNOUNCED = "SELECT jsonb_array_length(delivery_ids) FROM instantly_workerbatch"
ENOUGH_FOR_MAIL = 240 * 1024 * 1024  # bytes of address space, of which an idle worker has about 140


def test_workers_killed_in_the_middle_of_a_batch_lose_and_double_nothing(installation: Installation):
    """The daily stats, written last, are locked, so that the workers are certainly killed within a batch, after events, contacts and
    messages.
    """
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


def test_a_worker_killed_while_it_reads_the_next_batch_loses_and_doubles_nothing(installation: Installation):
    """As above, with more waiting than a batch takes: the next one is announced and read while the worker hangs in the last one."""
    installation.start_web()
    with Traffic(installation, seed=12) as traffic:
        until(lambda: installation.ask(STUCK)[0][0] > 200, "a queue has gathered")
        with installation.superuser() as connection, connection.transaction():
            connection.execute("LOCK TABLE messaging_dailystats IN SHARE ROW EXCLUSIVE MODE")
            worker = installation.start_worker("--batch", "20")
            until(lambda: installation.ask(HELD_UP)[0][0] > 0, "the worker is in the middle of a batch")
            until(lambda: installation.ask(ANNOUNCED) == [(40,)], "it has announced the next one as well")
            kill(worker)
        installation.start_worker("--batch", "20")
    assert set(traffic.answers) == {200}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


@pytest.mark.thorough
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


def test_a_web_server_killed_under_traffic_loses_no_acknowledged_delivery(installation: Installation):
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
    """The server ends every connection and recovers; web and worker reconnect without a restart."""
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


@pytest.mark.thorough
def test_an_immediate_database_restart_loses_nothing(installation: Installation):
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


@pytest.mark.thorough
def test_one_web_process_killed_is_started_again_and_the_others_answer_meanwhile(installation: Installation):
    web = installation.start_web(processes=2)
    installation.start_worker()
    with Traffic(installation, seed=8, senders=2) as traffic:
        until(lambda: len(traffic.acknowledged) > 100, "deliveries are accepted")
        before = installation.web_processes(web)
        installation.kill_a_web_process(web)
        until(lambda: len(installation.web_processes(web) - before) == 1, "another one is started")
        acknowledged = len(traffic.acknowledged)
        until(lambda: len(traffic.acknowledged) > acknowledged + 100, "deliveries are accepted")
    assert web.poll() is None
    assert set(traffic.answers) <= {200, UNANSWERED}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def test_everything_killed_under_traffic_resumes_without_loss(installation: Installation):
    """Kill web server, workers and database at once, like a power cut."""
    processes = [installation.start_web(), installation.start_worker(), installation.start_worker("--batch", "20")]
    with Traffic(installation, seed=9, senders=2) as traffic:
        for _ in range(2):
            before = installation.ask(RECORDED)[0][0]
            until(lambda: installation.ask(RECORDED)[0][0] > before + 30, "events are recorded")  # noqa: B023
            for process in processes:
                kill(process)
            installation.stop_the_database_at_once()
            embedded_postgres.ensure_running(installation.places)
            processes = [
                installation.start_web(),
                installation.start_worker(),
                installation.start_worker("--batch", "20"),
            ]
    assert set(traffic.answers) <= {200, 503, UNANSWERED}
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged)


def store_unread(installation: Installation, body: bytes) -> None:
    """Store a delivery without parsing it, as an earlier release's webhook did."""
    with installation.superuser() as connection:
        connection.execute(
            """SELECT accept_delivery(connection_id, sha256(%(body)b), event_type, campaign, %(body)b, NULL, 'webhook', true)
            FROM instantly_delivery LIMIT 1""",
            {"body": body},
        )


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(True, id="memory is refused", marks=pytest.mark.thorough),
        pytest.param(False, id="the worker is killed for it"),
    ],
)
def test_a_delivery_that_takes_all_memory_is_held_and_the_others_are_recorded(
    installation: Installation, refused: bool
):
    """A body of a kind that is refused today takes hundreds of MB to parse: a worker with less memory fails or is killed. Its restarted
    successors process the batch one by one; the faulty delivery is held."""
    installation.start_web()
    stored = {body for n in range(40) if installation.post(body := installation.body(n)).status_code == 200}
    guilty = installation.body(1000)[:-1] + b',"notes":[' + b",".join([b"[]"] * 2_000_000) + b"]}"
    assert installation.post(guilty, timeout=30).status_code == 413, "too many values by now"
    store_unread(installation, guilty)
    stored |= {body for n in range(40, 80) if installation.post(body := installation.body(n)).status_code == 200}
    assert len(stored) == 80
    deaths = 0
    while installation.ask(STUCK) != [(0,)]:
        assert deaths < 6, "workers die again and again"
        worker = installation.start_worker(memory=ENOUGH_FOR_MAIL if refused else None)
        until(
            lambda: (
                (not refused and out_of_memory(worker))  # noqa: B023  called at once
                or worker.poll() is not None  # noqa: B023
                or installation.ask(STUCK) == [(0,)]
            ),
            "it dies, or is done",
        )
        deaths += worker.poll() is not None
        kill(worker)
    ((reason, attempts),) = installation.ask("SELECT reason, attempts FROM instantly_held")
    assert (reason, attempts) == ("failed", 1)
    assert installation.ask(RECORDED) == [(80,)]
    assert refused or deaths == 2, "in a batch, and alone"
    installation.facts["deaths"] = deaths

    installation.start_worker()  # one with memory enough, once its time has come
    installation.assert_nothing_is_lost_or_double({*stored, guilty})


def out_of_memory(worker: subprocess.Popen[bytes]) -> bool:
    """Act as the kernel's OOM killer: watch the worker for a while, and kill it if it exceeds its memory."""
    deadline = monotonic() + 1
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(worker.pid)
        while monotonic() < deadline and worker.poll() is None:
            if process.memory_info().rss > ENOUGH_FOR_MAIL:
                kill(worker)
                return True
            sleep(0.002)
    return False
