"""Optional traces to an OpenTelemetry collector, without data of what was worked on.

Spans are requests and deliveries, batches of the worker, jobs, and calls to Instantly.

Off without OTEL_EXPORTER_OTLP_ENDPOINT: then nothing of OpenTelemetry is imported, and the web's application is not wrapped. A span holds
its name and the attributes of ALLOWED. Names are written in the code: the route with its placeholders and never the path, the name of a
job, the operation of Instantly's API. Bodies, addresses, ids of rows, keys, queries and texts of exceptions are in no span. The log lines
of a span carry its `trace_id`. A trace begins here: an id that a caller sends is not believed, and none is sent to Instantly.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import time_ns
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, resolve

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

METHOD, ROUTE, STATUS, ERROR, DELIVERIES = (
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "error.type",
    "salesbrain.deliveries",
)
ALLOWED = frozenset({METHOD, ROUTE, STATUS, ERROR, DELIVERIES})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "_OTHER"
"""Takes the place of a method that HTTP does not have: it is text of the caller's."""
UNMATCHED = "unmatched"
NOTHING = nullcontext()
WAIT = 5.0
"""Seconds until an export to the collector is given up; its spans are lost, and the product goes on."""

_tracer: Any = None
_provider: Any = None


def start(endpoint: str, *, share: float = 1.0, exporter: Any = None) -> None:
    """Send spans to the collector at `endpoint` (OTLP over HTTP; OTEL_EXPORTER_OTLP_HEADERS is read by the exporter itself).

    `share`: part of the traces that are recorded, 0 to 1. `exporter`: takes the place of the network (tests), and gets each span at once.
    Raises ImproperlyConfigured where the packages are missing.
    """
    global _tracer, _provider
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry's packages are missing: `make telemetry` installs them."
        ) from error
    _provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)), resource=Resource.create({"service.name": "salesbrain"})
    )
    _provider.add_span_processor(
        SimpleSpanProcessor(exporter)
        if exporter
        else BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=WAIT))
    )
    _tracer = _provider.get_tracer("salesbrain")


def stop() -> None:
    """Send what is left and record no more spans."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def job_span(name: str) -> AbstractContextManager[Any]:
    """Return a context manager that records a job as a span; it does nothing where tracing is off."""
    return NOTHING if _tracer is None else _span(f"job {name}", "CONSUMER")


def call_span(operation: str) -> AbstractContextManager[Any]:
    """Return a context manager that records one request to Instantly, named by its operation, such as GET /api/v2/campaigns/{id}."""
    return NOTHING if _tracer is None else _span(operation, "CLIENT")


def record_batch(seconds: float, deliveries: int) -> None:
    """Record a batch of the worker that has just ended. Batches without a delivery are not worth a span."""
    if _tracer is not None and deliveries:
        span = _tracer.start_span(
            "process deliveries", attributes={DELIVERIES: deliveries}, start_time=time_ns() - int(seconds * 1e9)
        )
        span.end()


def traced(application: Application) -> Application:
    """Return a WSGI application that records each request as a span; the same application where tracing is off."""
    if _tracer is None:
        return application

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ.get("REQUEST_METHOD", "")
        route = route_of(environ.get("PATH_INFO", ""))
        method = method if method in METHODS else OTHER
        with _span(f"{method} {route}", "SERVER", {METHOD: method, ROUTE: route}) as span:

            def begin(status: str, headers: Any, *rest: Any) -> Any:
                number = int(status[:3])
                span.set_attribute(STATUS, number)
                if number >= 500:
                    _fail(span, str(number))
                return start_response(status, headers, *rest)

            return application(environ, begin)

    return answer


def route_of(path: str) -> str:
    """Return the route of a path, with placeholders in place of what stands in it, such as /api/instantly/campaigns/<uuid:pk>."""
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return UNMATCHED


@contextmanager
def _span(name: str, kind: str, attributes: dict[str, Any] | None = None) -> Iterator[Any]:
    """Record the block as a span; of an exception only its type. Log lines within carry the trace's id."""
    from opentelemetry.trace import SpanKind

    silent = {"record_exception": False, "set_status_on_exception": False}
    with (
        _tracer.start_as_current_span(name, kind=SpanKind[kind], attributes=attributes, **silent) as span,
        structlog.contextvars.bound_contextvars(trace_id=f"{span.get_span_context().trace_id:032x}"),
    ):
        try:
            yield span
        except BaseException as error:
            _fail(span, type(error).__name__)
            raise


def _fail(span: Any, kind: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    span.set_attribute(ERROR, kind)
    span.set_status(Status(StatusCode.ERROR))
