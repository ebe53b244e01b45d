"""Django error handlers for unknown addresses: JSON below /api/, pages elsewhere."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from salesbrain.api.exceptions import BROKEN, WORDINGS, Wording
from salesbrain.api.views import plain
from salesbrain.web import error_pages

NO_SUCH_ADDRESS = Wording(
    404,
    "no_such_address",
    _("There is no such address in this API: /api/docs lists them all, without a slash at the end."),
)


def _json(request: HttpRequest, wording: Wording) -> HttpResponse:
    body: dict[str, object] = {"detail": str(wording.detail), "code": wording.code, "errors": {}}
    response = plain(Response(body, status=wording.status), request)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def unknown_address(request: HttpRequest) -> HttpResponse:
    """Respond 404 as JSON to an unknown URL below /api/."""
    return _json(request, NO_SUCH_ADDRESS)


unknown_address.csrf_exempt = True  # type: ignore[attr-defined]  # or a POST to a mistyped address is answered with a CSRF page


def _handler(wording: Wording, elsewhere: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return _json(request, wording)
        return elsewhere(request, *args, **kwargs)

    return answer


bad_request = _handler(WORDINGS[SuspiciousOperation], error_pages.bad_request)
forbidden = _handler(WORDINGS[PermissionDenied], error_pages.forbidden)
not_found = _handler(NO_SUCH_ADDRESS, error_pages.not_found)
server_error = _handler(BROKEN, error_pages.server_error)
