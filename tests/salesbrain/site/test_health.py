"""Health check endpoints: up, ready or not with every reason, in time, also without a database."""

import socket
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from instantly.models import Alert, Delivery, Held, Pending, SyncRun
from instantly.monitoring import heartbeats
from salesbrain import rls
from salesbrain.site import health
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client() -> Client:
    return Client()


def delivery(connection, digest: bytes = b"1" * 32) -> Delivery:
    with rls.scope(rls.SYSTEM):
        return Delivery.objects.create(connection_id=connection.pk, digest=digest, event_type="email_sent", body=b"{}")


def test_healthz_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["success"]) == (200, True)


def test_readyz_shows_the_backlog(client, acme_connection):
    first, second, third = (delivery(acme_connection, bytes([number]) * 32) for number in (1, 2, 3))
    with rls.scope(rls.SYSTEM):
        Pending.objects.create(delivery_id=first.pk)
        Held.objects.create(delivery_id=second.pk, reason="dead", detail="lead@lead.example is not text")
        Held.objects.create(delivery_id=third.pk, reason="workspace_mismatch")
        Delivery.objects.filter(pk=first.pk).update(received_at=first.received_at - timedelta(minutes=5))
        Alert.objects.create(kind="dead_deliveries", connection=acme_connection, detail="lead@lead.example")
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    data = answer.json()["data"]
    assert (data["worker"]["pending"], data["worker"]["held"], data["worker"]["dead"]) == (1, 2, 1)
    assert data["worker"]["backlog_age_seconds"] >= 300
    assert data["connections"][0]["id"] == data["alerts"][0]["connection"] == str(acme_connection.pk)
    assert "acme" not in answer.content.decode(), "anybody may ask, and a connection's name may be a customer's"
    assert data["connections"][0]["last_event_at"]
    assert data["alerts"][0]["kind"] == "dead_deliveries"
    assert "lead@" not in answer.content.decode()


def test_readyz_warns_when_no_jobs_process_runs_and_stays_ready(client, settings):
    def readiness() -> dict:
        answer = client.get("/readyz")
        assert answer.status_code == 200, "web processes that accept and answer are not taken away for it"
        return answer.json()["data"]

    never = readiness()
    assert never["jobs"] == {"running": False, "last_seen_at": None}
    assert "No jobs process has run yet" in never["warnings"][0]
    heartbeats.beat(heartbeats.JOBS, started_at=timezone.now())
    assert readiness()["jobs"]["running"] is True and readiness()["replies"]["running"] is False
    (warning,) = readiness()["warnings"]
    assert "No process for replies has run yet" in warning and "`manage.py run_jobs --queue replies`" in warning
    heartbeats.beat(heartbeats.REPLIES, started_at=timezone.now())
    assert readiness()["replies"]["running"] is True and readiness()["warnings"] == []
    settings.JOBS_ABSENT_MINUTES = 0.0
    warning, _ = readiness()["warnings"]
    assert "No jobs process has run since 20" in warning and "Start `manage.py run_jobs`." in warning


def test_a_table_that_is_not_forced_makes_it_not_ready(client):
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_campaign NO FORCE ROW LEVEL SECURITY")
        try:
            answer = client.get("/readyz")
        finally:
            cursor.execute("ALTER TABLE campaigns_campaign FORCE ROW LEVEL SECURITY")
    assert answer.status_code == 503
    assert "salesbrain.E008" in answer.json()["detail"]
    assert client.get("/readyz").status_code == 200


def test_a_migration_that_is_missing_is_named(client, monkeypatch):
    known = health._on_disk()
    monkeypatch.setattr(health, "_on_disk", lambda: known | {("campaigns", "9999_next")})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "campaigns.9999_next" in answer.json()["detail"]
    assert "manage.py migrate" in answer.json()["detail"]


@pytest.fixture
def inbox_at(monkeypatch):
    """Return a function that points the database alias at a local port, for new threads."""

    def point(port: int) -> None:
        settings = connections.settings[health.ALIAS]
        monkeypatch.setitem(settings, "HOST", "127.0.0.1")
        monkeypatch.setitem(settings, "PORT", str(port))

    return point


def test_an_absent_database_is_reported_without_its_address(client, inbox_at, caplog):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    inbox_at(port)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_ready"
    assert "does not answer" in answer.json()["detail"]
    told = answer.content.decode()
    assert str(port) not in told and "127.0.0.1" not in told and "sb_app" not in told, "that is for the log"
    assert str(port) in caplog.text
    assert answer["Retry-After"] == "5"


def test_a_database_that_hangs_is_not_waited_for(client, inbox_at, monkeypatch):
    """The socket accepts and never responds. Only a deadline of the client helps, because the server's own time limits do not work when it
    hangs.
    """
    monkeypatch.setattr(health, "DEADLINE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        inbox_at(silent.getsockname()[1])
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "did not answer within 0.2 s" in answer.json()["detail"]


def test_a_statement_that_never_ends_is_cut():
    """PostgreSQL stops responding in the middle of a statement: its thread must end, or each check would leave one."""
    ended = threading.Event()

    def question() -> health.Answer:
        try:
            with connections[health.ALIAS].cursor() as cursor:
                cursor.execute("SELECT pg_sleep(20)")
            raise AssertionError("it was waited for")
        except OperationalError:
            ended.set()
            raise

    assert "did not answer" in health.run_with_deadline(0.05, question).reasons[0]
    assert ended.wait(10), "the wait went on"


def test_an_internal_error_is_reported_and_logged(client, monkeypatch, caplog):
    monkeypatch.setattr(health, "backlog", lambda: 1 / 0)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "ZeroDivisionError" in answer.json()["detail"]
    assert "Could not find out" in caplog.text


def test_migrations_are_asked_for_until_none_is_missing(client, monkeypatch):
    monkeypatch.setattr(health, "_applied", set())
    asked = []
    real = health.MigrationRecorder.applied_migrations
    monkeypatch.setattr(
        health.MigrationRecorder, "applied_migrations", lambda recorder: asked.append(1) or real(recorder)
    )
    assert [client.get("/readyz").status_code for _ in range(3)] == [200] * 3
    assert asked == [1]


def test_readyz_shows_the_completeness_of_each_feed(client, acme_connection):
    gap = {"from": "2026-07-02T00:00:00+00:00", "until": "2026-07-03T00:00:00+00:00", "missing": "opens"}
    with rls.scope(rls.SYSTEM):
        SyncRun.objects.create(
            connection=acme_connection,
            trigger="reconcile",
            status="succeeded",
            finished_at=factories.NOON,
            counts={
                "complete_since": "2026-07-01T10:00:00+00:00",
                "gaps": [gap | {"filled": True}, gap | {"filled": False}],
            },
        )
    (feed,) = client.get("/readyz").json()["data"]["connections"]
    assert (feed["complete_since"], feed["gaps"], feed["open_gaps"]) == ("2026-07-01T10:00:00.000000Z", 2, 1)
    assert feed["reconciled_at"] == "2026-07-10T12:00:00.000000Z"


def test_health_checks_are_not_redirected_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code == 200


def test_an_idle_installation_is_ready(client, db):
    factories.house()
    data = client.get("/readyz").json()["data"]
    assert data["worker"] == {"pending": 0, "backlog_age_seconds": 0.0, "held": 0, "held_by_reason": {}, "dead": 0}


@pytest.mark.parametrize("id", ["salesbrain.E004", "salesbrain.E005", "salesbrain.E006", "salesbrain.E010"])
def test_no_reason_names_the_host_the_port_or_the_login(client, monkeypatch, id):
    said = "The login sb_app at db.internal:5432 is no good."
    monkeypatch.setattr(health, "reasons_to_refuse", lambda using: [(id, said, "Ask sb_owner at db.internal.")])
    told = client.get("/readyz").content.decode()
    assert id in told and not any(word in told for word in ("sb_app", "db.internal", "5432", "sb_owner"))
