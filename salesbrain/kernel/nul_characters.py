"""Middleware that refuses NUL characters in URLs, query strings and admin forms.

PostgreSQL text cannot contain one, so nothing could match.
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

KEYS = ("_selected_action", "action", "select_across")
"""Fields of posted forms that are used in queries without being validated by a form."""


class NulCharacters:
    """404 for a path with a NUL character, 400 for a query string or a posted key with one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("There is a NUL character in the address.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        if (
            request.method == "POST"
            and request.path_info.startswith("/admin/")
            and any("\0" in value for key in KEYS for value in request.POST.getlist(key))
        ):
            raise BadRequest("There is a NUL character in what was chosen.")

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Answer 400 if PostgreSQL refused a NUL character from another source."""
        if isinstance(exception, DataError) and "NUL" in str(exception):
            raise BadRequest("There is a NUL character in the request.") from exception
