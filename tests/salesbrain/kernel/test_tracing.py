"""Traces to OpenTelemetry: nothing at all when off; when on, spans without data."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO, StringIO
from threading import Thread
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.core.handlers.wsgi import WSGIHandler
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from instantly.client.errors import InstantlyError
from instantly.connections.services import client_for
from instantly.processing import worker
from instantly.webhooks.wsgi import PATH, with_webhook
from salesbrain.kernel import jobs, tracing
from salesbrain.kernel import logging as logs
from salesbrain.kernel.env import BASE_DIR
from salesbrain.kernel.serving.lanes import Lane
from salesbrain.kernel.serving.patience import Patience
from tests.instantly.conftest import fake, instantly
from tests.instantly.webhooks.conftest import dedicated, payload, post
from tests.salesbrain.test_production import production
from tests.salesbrain.test_setting_mistakes import settings_of

__all__ = ["dedicated", "fake", "instantly", "payload", "post"]  # fixtures

CANARIES = (
    "lead@lead.example",
    "sb_0123456789abcdefghij",
    "Gladly, call me on Thursday",
    "192.0.2.7",
    "hunter2",
    "FROBNICATE",
)


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Start tracing with an exporter that keeps the spans, and stop it afterwards."""
    exporter = InMemorySpanExporter()
    tracing.start("http://collector.example", exporter=exporter)
    yield exporter
    tracing.stop()


def finished(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    """Return the spans, none of which may hold what is not allowed, or any of the canaries."""
    found = list(spans.get_finished_spans())
    for span in found:
        assert set(span.attributes or {}) <= tracing.ALLOWED
        assert not span.events and not span.status.description
    text = " ".join(span.to_json() for span in found)
    assert [canary for canary in CANARIES if canary in text] == []
    return found


def ask(path: str, *, method: str = "GET", body: bytes = b"", **environ: Any) -> int:
    """Call the webhook's application with Django behind it, and return the status."""
    application = with_webhook(WSGIHandler(), lane=Lane("deliveries", at_once=1), patience=Patience(30.0))
    heard: list[str] = []
    given = {
        "PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": "q=lead@lead.example", "REMOTE_ADDR": CANARIES[3],
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(body),
        "HTTP_AUTHORIZATION": f"Bearer {CANARIES[1]}", "HTTP_USER_AGENT": CANARIES[4],
        "HTTP_TRACEPARENT": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
    } | environ  # fmt: skip
    answer: Any = tracing.traced(application)(given, lambda status, headers, *_: heard.append(status))
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return int(heard[0][:3])


@pytest.mark.django_db(transaction=True)
def test_a_request_is_a_span_with_its_route_and_no_part_of_its_address(spans):
    status = ask(f"/api/instantly/admin/campaign/{(campaign := uuid4())}")
    (span,) = finished(spans)
    assert span.kind is SpanKind.SERVER and span.attributes is not None
    assert str(campaign) not in span.to_json()
    assert span.attributes[tracing.STATUS] == status == 401
    assert str(span.attributes[tracing.ROUTE]).startswith("/api/instantly/admin/campaign/<")
    assert span.name == f"GET {span.attributes[tracing.ROUTE]!s}"
    assert span.parent is None and span.context.trace_id != int("0123456789abcdef0123456789abcdef", 16)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_address_and_an_unknown_method_are_not_written_out(spans):
    ask("/lead@lead.example", method="FROBNICATE")
    assert [span.name for span in finished(spans)] == ["_OTHER unmatched"]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_is_a_span_without_its_body(spans, dedicated):
    _, _, secret = dedicated
    body = orjson.dumps({"event_type": "reply_received", "lead_email": CANARIES[0], "reply_text": CANARIES[2]})
    status = ask(PATH, method="POST", body=body, HTTP_X_WEBHOOK_SECRET=secret)
    (span,) = finished(spans)
    assert secret not in span.to_json()
    assert (span.name, (span.attributes or {})[tracing.STATUS]) == (f"POST {PATH}", status)
    assert status == 200


def test_a_failing_job_is_a_span_with_the_kind_of_its_error_only(spans):
    @jobs.close_connection_after
    def send(address: str) -> None:
        raise ValueError(f"{address}: {CANARIES[2]}")

    with pytest.raises(ValueError):
        send(CANARIES[0])
    (span,) = finished(spans)
    assert span.name == f"job {__name__}.send"
    assert (span.status.is_ok, (span.attributes or {})[tracing.ERROR]) == (False, "ValueError")


@pytest.mark.django_db(transaction=True)
def test_a_call_to_instantly_is_a_span_below_the_job_that_made_it(spans, instantly, acme_connection):
    @jobs.close_connection_after
    def look() -> None:
        with client_for(acme_connection) as client:
            client.current_workspace()

    with pytest.raises(InstantlyError):  # the emulator knows no such key
        look()
    call, job = finished(spans)
    assert (call.name, call.kind) == ("GET /api/v2/workspaces/current", SpanKind.CLIENT)
    assert call.parent is not None and call.parent.span_id == job.context.span_id
    assert acme_connection.api_key not in call.to_json()
    assert (call.attributes or {})[tracing.ERROR] == "InvalidKey"


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_the_worker_is_a_span_with_its_number_of_deliveries(spans, post, dedicated, payload):
    _, _, secret = dedicated
    for n in range(3):
        post(secret, payload("email_sent", lead_email=f"lead{n}@lead.example"))
    worker.run(stopped=lambda: bool(spans.get_finished_spans()))
    (span,) = finished(spans)
    assert (span.name, dict(span.attributes or {})) == ("process deliveries", {tracing.DELIVERIES: 3})
    assert span.end_time and span.start_time and span.end_time > span.start_time


def test_log_lines_of_a_span_carry_the_id_of_its_trace(spans):
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(json=True))
    logger = logging.getLogger("salesbrain.tracing.test")
    logger.addHandler(handler)
    try:
        with tracing.job_span("sync"):
            logger.warning("within")
        logger.warning("after")
    finally:
        logger.removeHandler(handler)
    within, after = map(json.loads, stream.getvalue().splitlines())
    (span,) = finished(spans)
    assert within["trace_id"] == f"{span.context.trace_id:032x}"
    assert "trace_id" not in after


def test_the_share_of_recorded_traces_can_be_none():
    exporter = InMemorySpanExporter()
    tracing.start("http://collector.example", share=0.0, exporter=exporter)
    try:
        with tracing.job_span("sync"), tracing.call_span("GET /api/v2/campaigns"):
            pass
    finally:
        tracing.stop()
    assert not exporter.get_finished_spans()


class Collector(BaseHTTPRequestHandler):
    """A collector of OTLP over HTTP that keeps what it is sent."""

    received: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((self.path, self.headers.get("x-key", ""), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def test_spans_arrive_at_a_collector(monkeypatch):
    Collector.received = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=of-the-collector")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    tracing.start(f"http://127.0.0.1:{server.server_port}")
    with tracing.job_span("sync"):
        pass
    tracing.stop()
    server.shutdown()
    server.server_close()
    ((path, key, body),) = Collector.received
    assert (path, key) == ("/v1/traces", "of-the-collector")
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["job sync"]
    named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert named["service.name"] == "salesbrain"


def test_without_an_endpoint_nothing_is_wrapped_and_nothing_imported():
    def application(environ: Any, start_response: Any) -> list[bytes]:
        return []

    assert settings_of(production())["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    assert tracing.traced(application) is application
    assert tracing.job_span("sync") is tracing.call_span("GET /") is tracing.NOTHING
    code = "import django, sys; django.setup(); import salesbrain.wsgi; print([n for n in sys.modules if n.startswith('opentelemetry')])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=production(DJANGO_SETTINGS_MODULE="salesbrain.settings"), cwd=BASE_DIR,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr


def test_with_an_endpoint_the_product_starts_and_records():
    code = "from salesbrain import wsgi; from salesbrain.kernel import tracing; print(wsgi.application.__module__); tracing.stop()"
    environment = production(
        DJANGO_SETTINGS_MODULE="salesbrain.settings", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == tracing.__name__, done.stderr
