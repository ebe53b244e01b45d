"""Idempotency-Key header: a repeated API write runs once and gets the first response again.

A repetition has the same method, path, query string and body. Keys are separate per method and path; the same key with another query
string or body is refused as a mistake of the caller. The first response is returned in its own language. For slow writes whose response
contains no secret. Kept for a day.
"""

from collections.abc import Callable
from hashlib import blake2b

from django.db import connection
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from salesbrain.api.renderers import EnvelopeRenderer

BEGIN = """
WITH old AS (DELETE FROM api_idempotency WHERE began_at < clock_timestamp() - interval '1 day')
INSERT INTO api_idempotency (key, fingerprint) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING RETURNING key"""
KNOWN = "SELECT fingerprint, status, body FROM api_idempotency WHERE key = %s"
KEEP = "UPDATE api_idempotency SET status = %s, body = %s WHERE key = %s"
FORGET = "DELETE FROM api_idempotency WHERE key = %s"
HEADER = "Idempotency-Key"


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


def run_once(request: Request, work: Callable[[], Response]) -> Response | HttpResponse:
    """Run `work`, unless a request of the same user with the same key did before; then return its response again.

    Raises Conflict while that request is still running, and if it had other parameters or another body. A request that raised may be
    repeated. Call outside a transaction.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return work()
    if not 1 <= len(given) <= 255:
        raise ValidationError({HEADER: [_("Give 1 to 255 characters, best a random UUID.")]})
    key = _hash(str(request.user.pk), request.method or "", request.path, given)
    fingerprint = _hash(repr(sorted(request.query_params.lists())), repr(request.data))
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [key, fingerprint])
        if cursor.fetchone() is None:
            cursor.execute(KNOWN, [key])
            return _replay(cursor.fetchone(), fingerprint)
    try:
        response = work()
    except BaseException:
        with connection.cursor() as cursor:
            cursor.execute(FORGET, [key])
        raise
    body = EnvelopeRenderer().render(response.data, renderer_context={"response": response})
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [response.status_code, body, key])
    return response


def _replay(known: tuple[str, int | None, bytes] | None, fingerprint: str) -> HttpResponse:
    if known is None or known[1] is None:
        raise Conflict(
            _("The first request with this Idempotency-Key is still running: ask again later."), code="still_running"
        )
    if known[0] != fingerprint:
        raise Conflict(_("This Idempotency-Key was used for another request: use a new key."), code="key_used")
    response = HttpResponse(bytes(known[2]), status=known[1], content_type="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _hash(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
