"""Error responses of the API: a sentence with cause and remedy, and a code for programs.

Each wrong parameter or field has its own message. The renderer adds `"success": false`.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, transaction
from django.http import Http404, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from salesbrain.kernel.db import is_transient

logger = logging.getLogger("salesbrain.api")

NOT_FOUND = _("There is nothing here under that id, or it is not yours. Ids come from the lists of this API.")
"""One sentence for missing and forbidden objects: a caller without access must not learn that an object exists."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Response of the API to an exception class: status, code and sentence."""

    status: int
    code: str
    detail: str | Promise | None  # None: the exception's own text is written for whoever asked
    retry_after: int | None = None  # seconds
    facts: Callable[[Any], Mapping[str, Any]] | None = None  # further keys of the answer, of the exception


WORDINGS: dict[type[Exception], Wording] = {
    Http404: Wording(404, "not_found", NOT_FOUND),
    DjangoPermissionDenied: Wording(403, "permission_denied", _("You may not do this.")),
    RequestDataTooBig: Wording(413, "too_large", _("The body is larger than this API takes (12 MB).")),
    UnreadablePostError: Wording(400, "unreadable", _("The body ended early: send it again.")),
    SuspiciousOperation: Wording(
        400, "bad_request", _("This request is not one we can answer: look at its headers and address.")
    ),
}
"""By type, most specific first by inheritance. Apps add their own (`answer_with`), so that the kernel need not know them."""


SENTENCES: dict[type[exceptions.APIException], Promise] = {
    exceptions.NotAuthenticated: _(
        "No token came with this request: send `Authorization: Bearer sb_…`. POST /api/auth/tokens makes one."
    ),
    exceptions.UnsupportedMediaType: _("The body must be JSON: send `Content-Type: application/json`."),
}
"""Replacements of DRF's sentences that do not say what to do."""


def answer_with(
    error: type[Exception],
    *,
    status: int,
    code: str,
    detail: str | Promise | None,
    retry_after: int | None = None,
    facts: Callable[[Any], Mapping[str, Any]] | None = None,
) -> None:
    """Register the API's response to an exception class of an app. `facts`: returns further keys of the body, from the exception."""
    WORDINGS[error] = Wording(status, code, detail, retry_after, facts)


UNAVAILABLE = Wording(
    503, "unavailable", _("The database does not answer in time. Nothing was changed: try again in a moment."), 5
)
BROKEN = Wording(
    500, "server_error", _("Something broke on our side and was logged. Tell us the request id if it happens again.")
)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn an exception into an error response (DRF's EXCEPTION_HANDLER). The view rolls back the writes (salesbrain.api.views)."""
    if isinstance(error, exceptions.APIException):
        body = _described(error)
        if error.status_code >= 500:
            body["request_id"] = getattr(context.get("request"), "id", "")
        response = Response(body, status=error.status_code)
        for header, attribute in (("WWW-Authenticate", "auth_header"), ("Retry-After", "wait")):
            value = getattr(error, attribute, None)
            if value is not None:
                response[header] = value if isinstance(value, str) else str(max(1, int(value + 0.999)))
        return response
    wording = next((WORDINGS[kind] for kind in type(error).__mro__ if kind in WORDINGS), None)
    if wording is None:
        wording = _unforeseen(error, context)
    body = {"detail": str(error if wording.detail is None else wording.detail), "code": wording.code, "errors": {}}
    body |= wording.facts(error) if wording.facts else {}
    request = context.get("request")
    if wording.status >= 500:
        body["request_id"] = getattr(request, "id", "")
    response = Response(body, status=wording.status)
    if wording.retry_after:
        response["Retry-After"] = str(wording.retry_after)
    return response


def _unforeseen(error: Exception, context: Mapping[str, Any]) -> Wording:
    if isinstance(error, DatabaseError | InterfaceError) and is_transient(error):
        logger.warning("The database did not answer: %s", str(error).strip().splitlines()[:1])
        return UNAVAILABLE
    request = context.get("request")
    logger.exception("Could not answer %s %s", getattr(request, "method", ""), getattr(request, "path", ""))
    got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return BROKEN


def _described(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.NotFound):
        return {"detail": str(NOT_FOUND), "code": "not_found", "errors": {}}
    if isinstance(error, exceptions.ValidationError):
        errors = _by_field(error.detail)
        sentences = [f"{name}: {text}" if name else text for name, texts in errors.items() for text in texts]
        return {
            "detail": " ".join(sentences),
            "code": "invalid",
            "errors": {name: texts for name, texts in errors.items() if name},
        }
    if type(error) in SENTENCES:
        return {"detail": str(SENTENCES[type(error)]), "code": error.default_code, "errors": {}}
    codes = error.get_codes()
    return {"detail": str(error.detail), "code": codes if isinstance(codes, str) else "invalid", "errors": {}}


def _by_field(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Flatten DRF's nested error structure into {"a.b": ["…"]}; "" for errors of no field."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            here = "" if name == "non_field_errors" else str(name)
            for key, texts in _by_field(inner, ".".join(part for part in (path, here) if part)).items():
                found.setdefault(key, []).extend(texts)
        return found
    if isinstance(detail, list | tuple):
        found = {}
        for inner in detail:
            for key, texts in _by_field(inner, path).items():
                found.setdefault(key, []).extend(texts)
        return found
    return {path: [str(detail)]}


def roll_back() -> None:
    """Roll back what this request wrote. Otherwise a 4xx would commit: DRF turns the exception into a response before the transaction sees
    it.
    """
    transaction.set_rollback(True)
