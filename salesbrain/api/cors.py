"""Which other sites may read the API from a browser: none, unless API_CORS_ORIGINS names them. Tokens only, never cookies."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-ID"
READ = "Content-Disposition, ETag, Idempotency-Replayed, Retry-After, X-Request-ID"
REMEMBERED = "600"  # seconds


def _origin(request: HttpRequest) -> str | None:
    origin = request.headers.get("Origin")
    return origin if origin in settings.API_CORS_ORIGINS else None


def is_preflight(request: HttpRequest) -> bool:
    """Does a browser ask beforehand, for a site that is allowed? It sends no token with that question."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return asks and _origin(request) is not None


def preflight(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    response = HttpResponse(status=204)
    allow(request, response)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
    response.headers["Access-Control-Allow-Headers"] = SENT
    response.headers["Access-Control-Max-Age"] = REMEMBERED
    return response


def allow(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the calling site read this answer, where it is one of the allowed."""
    if not settings.API_CORS_ORIGINS:
        return
    patch_vary_headers(response, ("Origin",))
    origin = _origin(request)
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = READ
