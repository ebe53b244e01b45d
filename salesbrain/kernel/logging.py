"""Log format of all processes: one line per event, secrets redacted, control characters escaped.

Code logs with the standard library; structlog formats. Imports no model: logging is set up before the apps are loaded.
"""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
SECRET_NAMES = re.compile(
    r"(^|_)(password|passwd|secret|secrets|token|authorization|cookie|cookies|api_?key|encryption_keys?|code|csrf\w*|session_?key"
    r"|body|body_html|body_text|reply_text|reply_html|html|payload|raw|cleaned|credentials|x_webhook_secret)$",
    re.IGNORECASE,
)
SECRET_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?i)(x-webhook-secret|authorization|cookie|api[_-]?key|password|secret|token)(['\"]?\s*[:=]\s*['\"]?)[^\s'\",;&}]+"),
     rf"\1\2{REDACTED}"),
    (re.compile(r"(\w+://[^\s:/@]+):[^\s@]+@"), rf"\1:{REDACTED}@"),
    (re.compile(r"\bsb_[A-Za-z0-9]{12,}"), REDACTED),
    (re.compile(r"\b[A-Za-z0-9_-]{40,}={0,2}"), REDACTED),  # long and opaque: a key of somebody's
)  # fmt: skip


def redact(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace values whose name is a secret's, and parts of texts that look like a secret, in tracebacks too."""
    return {key: REDACTED if SECRET_NAMES.search(key) and value else _clean(value) for key, value in event.items()}


def _clean(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        for pattern, instead in SECRET_TEXTS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, dict) and depth < 5:
        return {
            key: REDACTED if SECRET_NAMES.search(str(key)) and item else _clean(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple) and depth < 5:
        return [_clean(item, depth + 1) for item in value]
    return value if isinstance(value, int | float | None) else _clean(str(value), depth + 1)


def one_line(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Escape control characters, so that a subject with a newline does not forge a log line."""
    return {key: value if key == "exception" else _escaped(value) for key, value in event.items()}


def _escaped(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in value)


def formatter(*, json: bool) -> logging.Formatter:
    """Return the formatter for LOGGING: JSON in production, plain text for people; both after redaction."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            one_line,
            last,
        ],
    )


def configure() -> None:
    """Send messages logged through structlog itself (by django_structlog) the same way as all others."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
