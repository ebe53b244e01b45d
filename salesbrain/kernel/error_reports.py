"""Optional reports of errors to a Sentry server, with the place in the code and no data.

A report is built from a list of allowed fields. Bodies, addresses, keys, variables, messages of exceptions and of the log, headers,
cookies, queries and users are on no list. The request id leads to the log line that has the rest.
"""

import logging
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

FRAME = ("filename", "function", "module", "lineno", "in_app", "context_line")
EVENT = ("event_id", "timestamp", "level", "platform", "release", "environment", "logger", "sdk")
TAGS = ("request_id", "organization_id", "connection_id", "delivery_id")
"""Tags copied from the context of a request's or job's log lines; ids, never names."""


def start(dsn: str, *, transport: Any = None) -> None:
    """Report every error that is logged. Raises ImproperlyConfigured where the package or the address is missing or invalid.

    `transport`: replaces the network (tests).
    """
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
    except ImportError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set and the package sentry-sdk is missing: `make telemetry` installs it."
        ) from error
    try:
        sentry_sdk.init(
            dsn=dsn,
            transport=transport,
            default_integrations=False,
            integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
            before_send=reduced,
            before_breadcrumb=lambda crumb, hint: None,
            include_local_variables=False,
            max_request_body_size="never",
            traces_sample_rate=None,
            auto_session_tracking=False,
            send_client_reports=False,
        )
    except ValueError as error:  # sentry_sdk's BadDsn
        raise ImproperlyConfigured("SENTRY_DSN is no address of a Sentry project. See .env.example.") from error


def reduced(event: Any, hint: Any) -> Any:
    """Return the event with allowed fields only."""
    bound = structlog.contextvars.get_contextvars()
    kept = {name: event[name] for name in EVENT if name in event}
    kept["tags"] = {name: str(bound[name]) for name in TAGS if name in bound}
    errors = (event.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_error(error) for error in errors]}
    if not errors:
        kept["fingerprint"] = [str(event.get("logger", ""))]
        kept["message"] = f"An error was logged by {event.get('logger', 'salesbrain')}; the log has it."
    return kept


def _error(error: Any) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "stacktrace": {"frames": [{name: frame[name] for name in FRAME if name in frame} for frame in frames]},
    }
