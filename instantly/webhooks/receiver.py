"""Responses to deliveries: authenticate, read, store, answer. Processing happens later in the worker.

200 after the commit, for any JSON object whatever its content: Instantly disables a webhook after repeated failures, and an
operator lost six days of events that way. 401 unknown secret, 400 not a JSON object, 411/413 missing or excessive length, 429 rate
limited, 503 when it could not be stored (with Retry-After). Never a redirect, never 5xx for bad input.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from instantly.processing.inline import process_inline
from salesbrain.kernel.serving import lending

from . import bodies, body, bounded_store, rate_limits, store
from .auth import secrets
from .group_commit import TooLate
from .inbox_query import ask

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105  a header's name
DEADLINE = 4.0  # seconds; Instantly is answered within 5 whatever the database does
STORE_SECONDS = 2.7  # seconds that are left to store a large body, however long it had to wait before it was read
RETRY_AFTER = {"Retry-After": "5"}
TOO_MANY = "More than {} deliveries in a minute came with this secret. Send it again in {} seconds; nothing was stored."
TOO_MANY_STRANGERS = "Too many requests without a valid secret came from this address. Try again in {} seconds."


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    message: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return orjson.dumps({"success": self.status == 200, "message": self.message})


def receive(
    *, method: str, secret: str, length: str | None, read: Callable[[int], bytes], address: Callable[[], str]
) -> Answer:
    """Take one delivery. `length` is the Content-Length as it came, `read` reads that many bytes or raises OSError, `address` says
    where it comes from and is asked only where the secret is nobody's."""
    if method != "POST":
        return Answer(405, "Only POST is answered here.", {"Allow": "POST"})
    try:
        return _receive(secret, length, read, address, until=monotonic() + DEADLINE)
    except (DatabaseError, InterfaceError, TooLate, lending.NoneLeft) as error:
        logger.error("Could not store a delivery: %s", str(error).strip())
        return Answer(503, "The delivery could not be stored. Please send it again.", RETRY_AFTER)


def _receive(
    secret: str, length: str | None, read: Callable[[int], bytes], address: Callable[[], str], *, until: float
) -> Answer:
    connection_id = secrets.cached(secret) or ask(lambda: secrets.connection_for(secret), until)
    left = until - monotonic()
    if connection_id is None:
        if wait := rate_limits.check_unauthenticated(address()):
            return Answer(429, TOO_MANY_STRANGERS.format(wait), {"Retry-After": str(wait)})
        return Answer(401, f"The header {SECRET_HEADER} is missing or names no secret of this installation.")
    if wait := rate_limits.check_delivery(connection_id):
        return Answer(429, TOO_MANY.format(settings.WEBHOOK_REQUESTS_PER_MINUTE, wait), {"Retry-After": str(wait)})
    if not (length and length.isascii() and length.isdigit()):
        return Answer(411, "The request must say its Content-Length.")
    if len(length) > 18 or int(length) > body.MAX_BYTES:
        return Answer(413, f"The body has more than {body.MAX_BYTES} bytes.")
    size = int(length)
    if bodies.is_large(size):
        with bodies.room(size, until=until - STORE_SECONDS):
            return _take(connection_id, size, read, min(left, until - monotonic()))
    return _take(connection_id, size, read, left)


def _take(connection_id: UUID, size: int, read: Callable[[int], bytes], left: float) -> Answer:
    """Read and store a body. `left`: the database's seconds, of which neither a slow sender nor reading the body uses up any."""
    try:
        raw = bodies.arrived(read, size)
    except OSError:
        return Answer(400, "The body did not arrive.")
    if len(raw) != size:
        return Answer(400, "The body is shorter than its Content-Length.")
    try:
        if bodies.is_large(size):
            with bodies.alone:
                delivery = store.parse_delivery(connection_id, raw)
        else:
            delivery = store.parse_delivery(connection_id, raw)
    except body.Refused as refused:
        return Answer(refused.status, str(refused))
    store_it = bounded_store.store_large if bodies.is_large(size) else bounded_store.store.submit
    delivery_id = store_it(delivery, monotonic() + left)
    if delivery_id is not None and settings.INSTANTLY_PROCESSING == "inline":
        with lending.borrowed("default"):
            process_inline()
    return Answer(200, "accepted" if delivery_id is not None else "known already")
