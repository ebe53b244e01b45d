"""Middlewares that choose a request's language: Accept-Language for the API, the user's own for pages."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

Answer = Callable[[HttpRequest], HttpResponseBase]

WITHOUT_USER = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics", "/static/", "/poll")
"""Paths answered without identifying the user, hence in the language of the Accept-Language header."""

WITHOUT_LANGUAGE = ("/webhooks/", "/healthz", "/readyz", "/metrics", "/static/", "/poll")
"""Paths whose responses are the same in every language: programs read them, and their sentences stay English."""


def language_of(environ: dict[str, Any]) -> str:
    """Return the language of a request's Accept-Language header, before Django has processed it."""
    return translation.get_language_from_request(
        WSGIRequest({"wsgi.input": BytesIO(), "REQUEST_METHOD": "GET", **environ})
    )


class LanguageMiddleware:
    """Sets the language for the whole request. It must be the first middleware, because a thread keeps the language of its last request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(WITHOUT_LANGUAGE):
            with translation.override("en"):
                return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        patch_vary_headers(response, ["Accept-Language"])
        return response


class UserLanguageMiddleware:
    """Prefers the user's chosen language to the browser's. Needs AuthenticationMiddleware before it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(WITHOUT_USER) and (chosen := getattr(request.user, "language", "")):
            translation.activate(chosen)  # LanguageMiddleware puts back what was before
        return self.get_response(request)
