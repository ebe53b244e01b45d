"""Middleware that lets API requests and the pages' poll skip sessions, CSRF and messages.

Every middleware before this one applies to it too (client address, scheme, host, log line). /api/auth/ takes the full path, because
the login lockout is one of the skipped parts, and so do the documents, which are pages.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar

from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLResolver, get_resolver

BELOW = ("/api/instantly/", "/poll")
HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}
"""Headers of the skipped middlewares: API responses are no pages and must not be framed."""


class _Views(BaseHandler):
    """Django's request handler with an empty chain of middlewares."""

    _view_middleware: ClassVar[list[object]] = []
    _exception_middleware: ClassVar[list[object]] = []
    _template_response_middleware: ClassVar[list[object]] = []

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)  # type: ignore[attr-defined]

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Find the view by the path, from a table of recent paths: trying one route after the other was an eighth of a request's Python."""
        request.resolver_match = match = _resolved(get_resolver(), request.path_info)
        return match


@lru_cache(maxsize=2000)
def _resolved(resolver: URLResolver, path: str) -> ResolverMatch:
    return resolver.resolve(path)


class FastPathMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.views = _Views()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(BELOW):
            return self.get_response(request)
        response = self.views(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response
