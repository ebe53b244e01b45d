"""Prometheus metrics: correct, without names, only with the token."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from instantly.models import Alert, Delivery, Held, Pending, SyncRun
from instantly.monitoring import heartbeats
from instantly.processing.worker import drain
from instantly.webhooks.store import store_raw
from messaging.models import Finding
from salesbrain import rls
from salesbrain.site import health
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-token-of-this-test"


@pytest.fixture
def scrape(settings):
    """Return `scrape()`, which reads the metrics with Prometheus's own parser as {(name, label values …): value}."""
    settings.METRICS_TOKEN = TOKEN

    def read() -> dict[tuple[str, ...], float]:
        answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"].startswith("text/plain")
        return {
            (
                sample.name.removeprefix("salesbrain_"),
                *(value for _, value in sorted(sample.labels.items())),
            ): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read


def test_metrics_say_whether_jobs_run_and_when_they_last_did(scrape):
    assert scrape()["jobs_running",] == 0
    assert ("jobs_last_seen_timestamp_seconds",) not in scrape()
    heartbeats.beat(heartbeats.JOBS, started_at=timezone.now())
    heartbeats.beat(heartbeats.REPLIES, started_at=timezone.now())
    figures = scrape()
    assert (figures["jobs_running",], figures["replies_running",]) == (1, 1)
    assert figures["jobs_last_seen_timestamp_seconds",] == pytest.approx(timezone.now().timestamp(), abs=60)


def test_metrics_of_backlog_dead_deliveries_and_last_events(scrape, acme_connection, globex_connection):
    acme = str(acme_connection.pk)
    with rls.scope(rls.SYSTEM):
        first, second = (
            Delivery.objects.create(connection_id=acme, digest=bytes([n]) * 32, event_type="email_sent", body=b"{}")
            for n in (1, 2)
        )
        Delivery.objects.filter(pk=first.pk).update(received_at=first.received_at - timedelta(minutes=5))
        Pending.objects.create(delivery_id=first.pk)
        Held.objects.create(delivery_id=second.pk, reason="dead", detail="lead@lead.example")
        Alert.objects.create(kind="dead_deliveries", connection=acme_connection, detail="lead@lead.example")
        type(acme_connection).objects.filter(pk=acme).update(last_synced_at=factories.NOON, status="working")
        gap = {"from": "2026-07-02T00:00:00+00:00", "until": "2026-07-03T00:00:00+00:00", "missing": "opens"}
        counts = {"complete_since": factories.NOON.isoformat(), "gaps": [gap | {"filled": False}]}
        SyncRun.objects.create(
            connection=acme_connection,
            trigger="reconcile",
            status="succeeded",
            finished_at=factories.NOON,
            counts=counts,
        )
    told = scrape()
    assert (told["pending",], told["held", "dead"], told["held", "unknown_campaign"]) == (1, 1, 0)
    assert told["backlog_age_seconds",] >= 300
    assert told["open_alerts", acme, "dead_deliveries"] == 1
    assert (told["connection_works", acme], told["connection_works", str(globex_connection.pk)]) == (1, 0)
    noon = factories.NOON.timestamp()
    for name in ("synced", "reconciled", "complete_since"):
        assert told[f"feed_{'last_' if name == 'synced' else ''}{name}_timestamp_seconds", acme] == noon
    assert told["feed_last_event_timestamp_seconds", acme] == second.received_at.timestamp()
    assert (told["feed_gaps", acme, "open"], told["feed_gaps", acme, "filled"]) == (1, 0)
    assert ("feed_last_event_timestamp_seconds", str(globex_connection.pk)) not in told, "it never delivered"


def test_accepted_and_processed_deliveries_are_counted(scrape, acme_connection):
    campaign = factories.campaign(acme_connection)

    def counted() -> tuple[float, float]:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
        told = scrape()
        return told["deliveries_accepted_total",], told["deliveries_processed_total",]

    before = counted()
    body = b'{"event_type": "email_sent", "timestamp": "2026-07-10T12:00:00Z", "lead_email": "a@lead.example", "campaign_id": "%s"}'
    for _ in range(2):
        store_raw(acme_connection.pk, body % campaign.provider_id.encode())
    assert drain() == 1
    assert counted() == (before[0] + 1, before[1] + 1), "a copy is not accepted twice"


def test_metrics_contain_no_names(scrape, settings, acme_connection, customer):
    factories.message(factories.campaign(acme_connection, "Secret plan"), "lead@lead.example")
    text = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode().lower()
    for word in ("acme", "lead.example", "secret plan", acme_connection.workspace_id):
        assert word not in text


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \udcff"]
)
def test_without_the_token_metrics_are_404(settings, header):
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"authorization": header})
    assert answer.status_code == 404 and b"salesbrain_" not in answer.content


def test_without_a_configured_token_metrics_are_closed_outside_debug(settings, api, admin):
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    assert api(admin).get("/metrics").status_code == 404
    settings.DEMO = True
    assert Client().get("/metrics").status_code == 200


def test_a_hanging_database_is_reported(scrape, settings, monkeypatch):
    monkeypatch.setattr(health, "DEADLINE", 0.05)
    monkeypatch.setattr("salesbrain.site.metrics.generate_latest", lambda registry: _sleep())
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b"did not answer" in answer.content


def _sleep() -> bytes:
    with connections[health.ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")
    return b""


def test_open_findings_are_counted_by_rule_and_severity_without_names(scrape, acme):
    now = timezone.now()
    cases: list[dict[str, Any]] = [
        {},
        {},
        {"severity": "warning"},
        {"until": now},
        {"snoozed_until": now + timedelta(days=1)},
    ]
    with rls.scope(rls.SYSTEM):
        for number, fields in enumerate(cases):
            values = {
                "severity": "critical",
                "target_type": "campaign",
                "target_name": "Secret plan",
                "organization": acme,
                "since": now,
            }
            Finding.objects.create(rule="bounces", target_id=UUID(int=number), **{**values, **fields})
    figures = scrape()
    assert (figures["open_findings", "bounces", "critical"], figures["open_findings", "bounces", "warning"]) == (2, 1)
    assert not any("Secret plan" in part for key in figures for part in key)
