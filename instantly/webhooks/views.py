"""Accepts deliveries: authenticate, read, store, answer. What a delivery means is decided later, by a worker.

200 after the commit, for any JSON object whatever it says: Instantly switches a webhook off after repeated failures, and an
operator lost six days of events that way. 401 unknown secret, 400 not a JSON object, 411/413 no or too large a length, 503 when
it could not be stored (with Retry-After). Never a redirect, never 5xx for bad input.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from salesbrain import db

from . import body, deadline
from .accepting import accept
from .auth import ALIAS, secrets
from .inline import process_soon

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105  a header's name
DEADLINE = 4.0  # seconds; Instantly is answered within 5 whatever the database does
RETRY_AFTER = "5"


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """POST /webhooks/instantly/webhook."""
    if request.method != "POST":
        return _answer(405, "Only POST is answered here.", Allow="POST")
    try:
        return _receive(request, until=monotonic() + DEADLINE)
    except (DatabaseError, InterfaceError) as error:
        logger.error("Could not store a delivery: %s", str(error).strip())
        connections[ALIAS].close()
        return _answer(503, "The delivery could not be stored. Please send it again.", **{"Retry-After": RETRY_AFTER})


def _receive(request: HttpRequest, *, until: float) -> HttpResponse:
    connection_id = _ask(lambda: secrets.connection_for(request.headers.get(SECRET_HEADER, "")), until)
    if connection_id is None:
        return _answer(401, f"The header {SECRET_HEADER} is missing or names no secret of this installation.")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or -1)
    except ValueError:
        length = -1
    if length < 0:
        return _answer(411, "The request must say its Content-Length.")
    if length > body.MAX_BYTES:
        return _answer(413, f"The body has more than {body.MAX_BYTES} bytes.")
    try:
        raw = request.body
    except UnreadablePostError:
        return _answer(400, "The body did not arrive.")
    if len(raw) != length:
        return _answer(400, "The body is shorter than its Content-Length.")
    try:
        delivery_id = _ask(lambda: accept(connection_id, raw, using=ALIAS), until)
    except body.Refused as refused:
        return _answer(refused.status, str(refused))
    if delivery_id is not None and settings.INSTANTLY_PROCESSING == "inline":
        process_soon()
    return _answer(200, "accepted" if delivery_id is not None else "known already")


def _ask(question: Callable[[], Answer], until: float) -> Answer:
    """Ask the database; once more on a fresh connection where the kept one turned out to be dead. Storing twice is a copy."""
    try:
        with deadline.until(until, using=ALIAS):
            return question()
    except (DatabaseError, InterfaceError) as error:
        if not db.is_disconnected(error) or monotonic() > until:
            raise
        connections[ALIAS].close()
        with deadline.until(until, using=ALIAS):
            return question()


def _answer(status: int, message: str, **headers: str) -> HttpResponse:
    response = HttpResponse(
        orjson.dumps({"success": status == 200, "message": message}), status=status, content_type="application/json"
    )
    for name, value in headers.items():
        response[name] = value
    return response
