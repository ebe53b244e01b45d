"""RLS self-check: web and worker refuse to serve without full protection, at the start and later."""

import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections
from django.test import Client

from instantly.management.commands import run_jobs
from instantly.models import Delivery, Pending
from instantly.processing import worker
from salesbrain import rls
from salesbrain.kernel import security_events
from salesbrain.kernel.env import BASE_DIR
from salesbrain.rls import checks
from salesbrain.rls import self_check as module
from salesbrain.rls.self_check import SelfCheck, self_check
from tests import factories, staff_world

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "messaging_message"


@contextmanager
def fallen():
    """Remove one protection during the block, as after a restore or a manual repair."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")


@pytest.fixture(autouse=True)
def whole_again():
    yield
    self_check.reasons = []


def test_the_web_answers_503_as_soon_as_it_has_looked_and_serves_again_when_it_is_mended(
    api, customer, admin, acme_connection, caplog
):
    staff = Client()
    staff.force_login(admin)
    assert api(customer).get("/api/instantly/campaigns").status_code == 200
    with fallen():
        self_check.check()
        answer = api(customer).get("/api/instantly/campaigns")
        assert (answer.status_code, answer.json()["code"]) == (503, "walls_not_whole")
        assert int(answer.headers["Retry-After"]) > 0 and TABLE not in answer.content.decode()
        assert [staff.get(url).status_code for url in ("/admin/", "/login", "/api/docs")] == [503] * 3
        assert Client().get("/healthz").status_code == 200
        ready = Client().get("/readyz")
        assert ready.status_code == 503 and TABLE in ready.content.decode()
    self_check.check()
    assert api(customer).get("/api/instantly/campaigns").status_code == 200
    said = [record.getMessage() for record in caplog.records if record.name == "salesbrain.rls.self_check"]
    assert (
        len(said) == 2
        and f"Row-level security of {TABLE} is not enabled and forced" in said[0]
        and "the isolation check passes again" in said[1]
    )


def test_deliveries_are_still_stored_because_they_disclose_nothing(acme_connection, client):
    secret = factories.webhook_secret(acme_connection)
    with fallen():
        self_check.check()
        body = {"event_type": "email_sent", "timestamp": "2026-07-10T09:00:00Z"}
        headers = {"X-Webhook-Secret": secret}
        answer = client.post("/webhooks/instantly/webhook", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == 1


def test_loading_the_application_starts_the_periodic_self_check(monkeypatch):
    looked = threading.Semaphore(0)

    class Counting(SelfCheck):
        def check(self, **kwargs):
            looked.release()
            return super().check(**kwargs)

    monkeypatch.setattr(module, "INTERVAL", 0.01)
    before = threading.active_count()
    watching = Counting()
    with fallen():
        watching.start()
        assert watching.reasons and threading.active_count() == before + 1
        assert all(looked.acquire(timeout=10) for _ in range(4))
        watching.stop()


def test_the_app_servers_application_starts_the_self_check():
    """Run in a separate process, because the threads of a web process would continue during later tests."""
    names = "import threading, salesbrain.wsgi; print(*(thread.name for thread in threading.enumerate()), sep=',')"
    done = subprocess.run(
        [sys.executable, "-c", names], cwd=BASE_DIR, capture_output=True, text=True, timeout=120, check=False
    )
    assert {"rls-self-check", security_events.THREAD} <= set(done.stdout.strip().split(",")), done.stderr


def test_a_database_that_is_away_changes_nothing(monkeypatch):
    def away(**kwargs):
        return [("salesbrain.E010", "The database does not answer: gone", "Start it.")]

    with fallen():
        self_check.check()
        with monkeypatch.context() as patch:
            patch.setattr(module, "reasons_to_refuse", away)
            assert self_check.check(), "what was known last stays"
    assert self_check.check() == []
    monkeypatch.setattr(module, "reasons_to_refuse", away)
    assert self_check.check() == []


@pytest.mark.parametrize(
    "command", [["process_deliveries", "--once"], ["process_deliveries"], ["run_jobs", "--once"], ["run_jobs"]]
)
def test_worker_and_jobs_do_not_start(command):
    with fallen(), pytest.raises(CommandError, match=rf"salesbrain.E008: Row-level security of {TABLE}"):
        call_command(*command)


def test_a_running_worker_stops_and_resumes_after_the_repair(acme_connection, monkeypatch):
    """Pending deliveries stay in the queue while the self-check fails."""
    monkeypatch.setattr(worker, "IDLE", 0.01)
    factories.campaign(acme_connection)
    rounds: list[int] = []

    def rounds_of(number):
        rounds.clear()
        return lambda: len(rounds) >= number or rounds.append(1)

    with rls.scope(rls.SYSTEM):
        Pending.objects.create(
            delivery_id=staff_world.delivery(acme_connection, 1, {"timestamp": "2026-07-10T09:00:00Z"}).pk
        )
    with fallen():
        worker.run(stopped=rounds_of(20))
        with rls.scope(rls.SYSTEM):
            assert Pending.objects.count() == 1
    worker.run(stopped=rounds_of(20))
    with rls.scope(rls.SYSTEM):
        assert Pending.objects.count() == 0


def test_a_running_jobs_process_ends_with_the_reason(monkeypatch):
    """The jobs process ends with the reason, and again at each start until the protection is restored."""
    monkeypatch.setattr(run_jobs, "INTERVAL", 0.1)

    def later():
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY")
        finally:
            connections["owner"].close()

    timer = threading.Timer(1.0, later)
    timer.start()
    try:
        with pytest.raises(CommandError, match="Jobs are run no longer:\nsalesbrain.E008"):
            call_command("run_jobs")
    finally:
        timer.join()
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")


def test_an_unreadable_catalogue_is_a_reason_to_refuse(monkeypatch):
    def gone(*args, **kwargs):
        raise OperationalError("gone")

    assert checks.reasons_to_refuse() == []
    monkeypatch.setattr(connections["default"], "cursor", gone)
    assert [id for id, _, _ in checks.reasons_to_refuse()] == ["salesbrain.E010"]
