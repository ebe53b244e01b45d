"""Prometheus metrics of the event feed and of security events: `/metrics`.

Every value is read from PostgreSQL on request, so any web process gives the same response and none keeps files. Connections are
labelled by id and no label is personal. The scraper sends `Authorization: Bearer METRICS_TOKEN`; without that variable the address
does not exist, except in the demo.
"""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from accounts.choices import ConnectionStatus
from instantly.choices import HeldReason
from instantly.monitoring import feed_health, heartbeats
from messaging.findings.snoozes import open_counts
from salesbrain import rls
from salesbrain.kernel import security_events

from . import health

Labelled = Iterable[tuple[tuple[str, ...], float]]


class FeedCollector:
    """Prometheus collector that queries once per scrape."""

    def collect(self) -> Iterator[Metric]:
        waits, feeds = feed_health.backlog(using=health.ALIAS), feed_health.feeds(using=health.ALIAS)
        totals = feed_health.totals(using=health.ALIAS)
        yield gauge("pending", "Deliveries that wait for a worker.", [((), waits.pending)])
        yield gauge("backlog_age_seconds", "How long the oldest of them has waited.", [((), waits.age_seconds)])
        yield gauge(
            "held",
            "Deliveries that are kept without effect, by reason; dead ones wait for a person.",
            [((str(reason),), waits.held.get(reason, 0)) for reason in HeldReason],
            ["reason"],
        )
        for name, words in (
            (
                "accepted",
                "Deliveries stored since the database's statistics began; a crash of the server sets them back.",
            ),
            ("processed", "Events logged since the database's statistics began; a crash of the server sets them back."),
        ):
            yield CounterMetricFamily(f"salesbrain_deliveries_{name}", words, value=totals[name])
        yield gauge(
            "open_alerts",
            "Open alerts, by kind and connection.",
            [((a.kind, str(a.connection_id or "")), 1) for a in feed_health.alerts(using=health.ALIAS)],
            ["kind", "connection"],
        )
        yield gauge(
            "open_findings",
            "Findings that need attention, by rule and severity; snoozed ones are not among them.",
            open_counts(timezone.now(), using=health.ALIAS).items(),
            ["rule", "severity"],
        )
        refused = CounterMetricFamily(
            "salesbrain_security_events",
            "Refused deliveries, logins, tokens and permissions; a crash of the database server sets them back.",
            labels=["kind"],
        )
        for kind, number in security_events.totals(using=health.ALIAS).items():
            refused.add_metric([kind], number)
        yield refused
        presence = health.jobs()
        yield gauge("jobs_running", "Has a jobs process run within JOBS_ABSENT_MINUTES?", [((), not presence.absent)])
        yield gauge(
            "jobs_last_seen_timestamp_seconds",
            "When a jobs process last ran. Absent: never.",
            [((), presence.seen_at.timestamp())] if presence.seen_at else [],
        )
        replies = health.jobs(heartbeats.REPLIES)
        yield gauge(
            "replies_running", "Has a process for replies run within JOBS_ABSENT_MINUTES?", [((), not replies.absent)]
        )
        yield gauge(
            "connection_works",
            "Is the workspace's key accepted?",
            [((str(f.connection_id),), f.status == ConnectionStatus.WORKING) for f in feeds],
            ["connection"],
        )
        for name, words in (
            ("last_event_at", "When the connection last delivered."),
            ("last_synced_at", "When its campaigns and email accounts were last synced."),
            ("reconciled_at", "When its feed was last compared with Instantly's log."),
            ("complete_since", "Since when its feed is complete, but for its gaps."),
        ):
            times = [(f.connection_id, getattr(f, name)) for f in feeds]
            yield gauge(
                f"feed_{name.removesuffix('_at')}_timestamp_seconds",
                f"{words} Absent: never.",
                [((str(id),), at.timestamp()) for id, at in times if isinstance(at, datetime)],
                ["connection"],
            )
        yield gauge(
            "feed_gaps",
            "Times without deliveries: open ones lack everything, filled ones what Instantly does not keep.",
            [
                ((str(f.connection_id), state), count)
                for f in feeds
                for state, count in (("open", f.open_gaps), ("filled", len(f.gaps) - f.open_gaps))
            ],
            ["connection", "state"],
        )


def gauge(name: str, words: str, samples: Labelled, labels: list[str] | None = None) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"salesbrain_{name}", words, labels=labels or [])
    for values, number in samples:
        family.add_metric(values, float(number))
    return family


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics as text, 503 if the database does not answer in time."""
    if not may_read(request):
        raise Http404
    body: list[bytes] = []
    answer = health.run_with_deadline(health.DEADLINE, lambda: _ask(body))
    if answer.reasons:
        return HttpResponse(
            " ".join(answer.reasons), status=503, content_type="text/plain", headers={"Retry-After": "5"}
        )
    return HttpResponse(body[0], content_type=CONTENT_TYPE_LATEST)


def _ask(body: list[bytes]) -> health.Answer:
    registry = CollectorRegistry()
    with rls.scope(rls.SYSTEM, using=health.ALIAS):
        registry.register(FeedCollector())
        body.append(generate_latest(registry))
    return health.Answer()


def may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if not token:
        return bool(settings.DEMO)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(
        *(sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given.strip(), token))
    )
    return scheme.lower() == "bearer" and same


urlpatterns = [path("metrics", metrics, name="metrics")]
