"""JSON renderer of the API: wraps the views' plain data in the response envelope.

{"success": true, "data": {...}, "count": 123, "limit": 100, …}         {"success": false, "detail": "…", "code": "…", "errors": {…}}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class Answer:
    """Response data of a view with further top-level keys beside `data`, such as a list's count and links."""

    data: Mapping[str, Any]
    beside: Mapping[str, Any] = field(default_factory=dict)


def moment(value: datetime) -> str:
    """Return a time as responses have it: UTC, always six digits, so that texts sort as times; as SQL: sqljson.MOMENT_SQL.
    (strftime writes the year 1 as 1, not as 0001.)"""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def dumps(value: object) -> bytes:
    """Return JSON. `orjson.Fragment`s are JSON that PostgreSQL wrote already and are passed on as they are."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _default(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__str__") and type(value).__module__.startswith("django.utils.functional"):
        return str(value)  # a lazily translated text
    raise TypeError(f"{type(value).__name__} has no JSON form here")


class EnvelopeRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and (response.status_code == 204 or data is None):
            return b""
        if response is not None and response.exception:
            return dumps({"success": False, **data})
        answer = data if isinstance(data, Answer) else Answer(data)
        return dumps({"success": True, "data": answer.data, **answer.beside})


class JsonOnly(BaseContentNegotiation):
    """Content negotiation that always chooses JSON and ignores `Accept`: a response helps a client more than 406 does."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        wanted = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
