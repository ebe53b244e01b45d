"""Middleware that gives each request an id for its log lines and writes one access log line."""

from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import LazyObject, empty
from django_structlog.middlewares import RequestMiddleware
from django_structlog.middlewares.request import sync_streaming_content_wrapper

from salesbrain.kernel import access_log, security_events
from salesbrain.kernel.security_events import Kind
from salesbrain.kernel.trusted_proxies import client_address

logger = structlog.get_logger("salesbrain.request")

QUIET = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/static/", "/poll")
"""Paths requested so often by programs that a line each would hide the rest: only responses other than 2xx and 3xx are logged."""

BEGAN = "_salesbrain_began"


class RequestLog(RequestMiddleware):
    """Middleware that logs one line per request, at its end. Without the query string, which may contain personal data."""

    def __call__(self, request: HttpRequest) -> Any:
        setattr(request, BEGAN, monotonic())
        return super().__call__(request)

    def prepare(self, request: HttpRequest) -> None:
        """Bind the request id. The user is not known yet, and the start of a request is not logged."""
        structlog.contextvars.bind_contextvars(request_id=str(uuid4()))

    def handle_response(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Log the access line and a refusal; log lines of a body streamed later carry the same request id."""
        request.__dict__.pop("_raised_exception", None)
        user = user_of(request)
        quiet = request.path_info.startswith(QUIET) and response.status_code < 400
        if not quiet:
            access_log.write(
                method=request.method or "",
                path=request.path_info,
                status=response.status_code,
                began=getattr(request, BEGAN),
                address=client_address(request),
                user=user,
            )
            note_refusal(request, response, user)
            if isinstance(response, StreamingHttpResponse) and not response.is_async:
                context = structlog.contextvars.get_contextvars()
                pieces: Any = response.streaming_content
                response.streaming_content = sync_streaming_content_wrapper(pieces, context)
        structlog.contextvars.clear_contextvars()

    def _process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Log an unhandled exception with its traceback; the access line follows."""
        if isinstance(exception, Http404 | PermissionDenied):
            return
        request._raised_exception = exception  # type: ignore[attr-defined]  # the library logs each once, by this mark
        self.bind_user_id(request)
        logger.exception("request_failed", request=self.format_request(request), status=500)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {access_log.shown(request.path)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Bind the user's id for the log line of an unhandled exception."""
        structlog.contextvars.bind_contextvars(user_id=str(user_of(request) or "") or None)


def user_of(request: HttpRequest) -> Any:
    """Return the id of the request's user if authentication has run already, else None; never queries the database."""
    caller = getattr(request, "api_caller", None)
    if caller:
        return caller[0].pk
    user = getattr(request, "user", None)
    if user is None or (isinstance(user, LazyObject) and user._wrapped is empty):
        return None
    return user.pk


def note_refusal(request: HttpRequest, response: HttpResponseBase, user: Any) -> None:
    """Record a security event: an invalid token (401), one of an inactive user, or a missing permission (403)."""
    detail = {
        "method": request.method or "",
        "path": access_log.shown(request.path_info),
        "status": response.status_code,
    }
    address = client_address(request)
    caller = getattr(request, "api_caller", None)
    if response.status_code == 401 and "HTTP_AUTHORIZATION" in request.META and not request.path_info.startswith(QUIET):
        security_events.note(Kind.TOKEN_REFUSED, address=address, **detail)
    elif response.status_code == 403 and caller and not caller[0].is_active:
        security_events.note(Kind.TOKEN_REFUSED, user_id=user, address=address, **detail)
    elif response.status_code == 403 and user:
        security_events.note(Kind.PERMISSION_REFUSED, user_id=user, address=address, **detail)
