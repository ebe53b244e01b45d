"""Respond to webhook deliveries: authenticate, read, store, answer; the worker processes them later.

200 after the commit, for any JSON object whatever its content: Instantly disables a webhook after repeated failures, and an
operator lost six days of events that way. 401 unknown secret, 400 not a JSON object, 411 neither a length nor chunks, 413 too large,
429 rate limited, 503 when it could not be stored (with Retry-After). Never a redirect, never 5xx for bad input.
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
from salesbrain.kernel import security_events
from salesbrain.kernel.security_events import Kind
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
NOT_ARRIVED = "The body did not arrive."
TOO_LARGE = f"The body has more than {body.MAX_BYTES} bytes."
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
    *,
    method: str,
    secret: str,
    length: str | None,
    read: Callable[[int], bytes],
    address: Callable[[], str],
    in_chunks: bool = False,
) -> Answer:
    """Respond to one delivery. `length`: the Content-Length header (none if `in_chunks`); `read` reads that many bytes or raises OSError;
    `address` returns the client's address and is called only for an unknown secret.
    """
    if method != "POST":
        return Answer(405, "Only POST is answered here.", {"Allow": "POST"})
    try:
        return _receive(secret, None if in_chunks else length, read, address, in_chunks, until=monotonic() + DEADLINE)
    except (DatabaseError, InterfaceError, TooLate, lending.NoneLeft) as error:
        logger.error("Could not store a delivery: %s", str(error).strip())
        return Answer(503, "The delivery could not be stored. Please send it again.", RETRY_AFTER)


def _receive(
    secret: str,
    length: str | None,
    read: Callable[[int], bytes],
    address: Callable[[], str],
    in_chunks: bool,
    *,
    until: float,
) -> Answer:
    connection_id = secrets.cached(secret) or ask(lambda: secrets.connection_for(secret), until)
    left = until - monotonic()
    if connection_id is None:
        if wait := rate_limits.check_unauthenticated(address()):
            security_events.count(Kind.WEBHOOK_REFUSED)
            return Answer(429, TOO_MANY_STRANGERS.format(wait), {"Retry-After": str(wait)})
        security_events.note(Kind.WEBHOOK_REFUSED, address=address())
        return Answer(401, f"The header {SECRET_HEADER} is missing or names no secret of this installation.")
    if wait := rate_limits.check_delivery(connection_id):
        return Answer(429, TOO_MANY.format(settings.WEBHOOK_REQUESTS_PER_MINUTE, wait), {"Retry-After": str(wait)})
    if in_chunks:
        return _read_and_store_chunks(connection_id, read, left)
    if not (length and length.isascii() and length.isdigit()):
        return Answer(411, "The request must say its Content-Length, or come in chunks.")
    if len(length) > 18 or int(length) > body.MAX_BYTES:
        return Answer(413, TOO_LARGE)
    size = int(length)
    if bodies.is_large(size):
        with bodies.reserved_memory(size, until=until - STORE_SECONDS):
            return _read_and_store(connection_id, size, read, min(left, until - monotonic()))
    return _read_and_store(connection_id, size, read, left)


def _read_and_store(connection_id: UUID, size: int, read: Callable[[int], bytes], left: float) -> Answer:
    """Read and store a body. `left`: seconds for the database, independent of a slow sender and of parsing."""
    try:
        raw = bodies.read_available(read, size)
    except OSError:
        return Answer(400, NOT_ARRIVED)
    if len(raw) != size:
        return Answer(400, "The body is shorter than its Content-Length.")
    return _parse_and_store(connection_id, raw, left)


def _read_and_store_chunks(connection_id: UUID, read: Callable[[int], bytes], left: float) -> Answer:
    """Read and store a chunked body of unknown length: once it turns out large, wait for memory for the longest one.

    `left` counts from the arrival of the first bytes, because the sender determines the time before.
    """
    try:
        raw = bodies.read_beginning(read)
    except OSError:
        return Answer(400, NOT_ARRIVED)
    if not bodies.is_large(len(raw)):
        return _parse_and_store(connection_id, bytes(raw), left)
    until = monotonic() + left
    with bodies.reserved_memory(body.MAX_BYTES, until=until - STORE_SECONDS):
        left = until - monotonic()
        try:
            raw = bodies.read_rest(raw, read)
        except OSError:
            return Answer(400, NOT_ARRIVED)
        return Answer(413, TOO_LARGE) if len(raw) > body.MAX_BYTES else _parse_and_store(connection_id, raw, left)


def _parse_and_store(connection_id: UUID, raw: bytes | bytearray, left: float) -> Answer:
    """Parse and store a body that was read completely."""
    size = len(raw)
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
