"""Store a webhook delivery exactly once, and queue it for processing.

Every delivery is stored here: those of webhooks, gap repair and syncs (`origin`).
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import DatabaseError

from instantly.processing import notify
from instantly.processing.moments import read_moment, written
from salesbrain.kernel import db
from salesbrain.kernel.addresses import canonical_or_none

from . import body as bodies

ACCEPT = "SELECT accept_delivery(%s, %b, %s, %s, %b, %s, %b, %s, %s)"
ACCEPT_ONE = "SELECT accept_delivery($1, $2, $3, $4, $5, $6, $7, 'webhook', $8)"
ACCEPT_ALL = "SELECT * FROM accept_deliveries($1, $2, $3, $4, $5, $6, $7, 'webhook', $8)"
DIGESTED = "workspace", "event_type", "campaign_id", "lead_email", "timestamp", "email_id", "step", "variant"
MAX_NAME = 1000
ORDINARY_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z", re.ASCII)


def digests(payload: dict[str, Any]) -> tuple[bytes, bytes | None]:
    """Return the digest that identifies copies, 32 bytes, and the former digest of release 1 (None where it is the same).

    There is no event id on the wire. `timestamp` is fixed per occurrence and not renewed on a retry, so the named fields tell
    occurrences apart; email_id alone would not (two opens of one mail share it). A body without a lead or a timestamp (two
    mailboxes failing in the same millisecond, a test event) is identified by its whole content.
    """
    in_one_spelling = _in_one_spelling(payload)
    return _digest(in_one_spelling), None if in_one_spelling is payload else _digest(payload)


def digest(payload: dict[str, Any]) -> bytes:
    """Return the digest that identifies copies: 32 bytes."""
    return _digest(_in_one_spelling(payload))


def _digest(payload: dict[str, Any]) -> bytes:
    is_identified = payload.get("timestamp") and payload.get("lead_email")
    identity = [payload.get(key) for key in DIGESTED] if is_identified else payload
    return sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)).digest()


def _in_one_spelling(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload with time and lead address in canonical form; the same object if both are so already."""
    moment, lead = payload.get("timestamp"), payload.get("lead_email")
    if not (isinstance(moment, str) and isinstance(lead, str) and moment and lead):
        return payload
    address = canonical_or_none(lead) or lead
    if not ORDINARY_TIME.fullmatch(moment):
        with suppress(ValueError):
            moment = written(read_moment(moment))
    same = moment == payload["timestamp"] and address == lead
    return payload if same else {**payload, "timestamp": moment, "lead_email": address}


class NewDelivery(NamedTuple):
    """Fields of a delivery that can be stored."""

    connection_id: UUID
    digest: bytes
    event_type: str
    campaign: str
    body: bytes | bytearray
    cleaned: str | None
    former_digest: bytes | None


def parse_delivery(connection_id: UUID, raw: bytes | bytearray) -> NewDelivery:
    """Return the storable form of a delivery's bytes. Raises body.Refused for an invalid body."""
    body = bodies.parse_body(raw)
    payload = body.payload
    names = _name(payload.get("event_type")), _name(payload.get("campaign_id"))
    digest, former = digests(payload)
    return NewDelivery(connection_id, digest, *names, raw, body.cleaned, former)


def store_raw(connection_id: UUID, raw: bytes, *, origin: str = "webhook", using: str = "default") -> int | None:
    """Store one delivery; return its id, or None where it is a copy of one that is stored.

    Raises body.Refused where the bytes are no delivery, Django's DatabaseError where it could not be stored. It is durable
    once the surrounding transaction commits; outside of one, when this returns.
    """
    return store(parse_delivery(connection_id, raw), origin=origin, using=using)


def store(delivery: NewDelivery, *, origin: str = "webhook", using: str = "default") -> int | None:
    """Store one delivery; return its id, or None if it is a copy of a stored one."""
    due = notify.should_notify()
    (id,) = db.prepared(ACCEPT, [*delivery, origin, due], using=using).fetchone() or (None,)
    if due and id is not None:
        notify.mark_notified()
    return id


def store_large(delivery: NewDelivery, *, using: str) -> int | None:
    """Store one webhook of many bytes without copying them; return its id, or None for a copy.

    libpq allocates as much memory for the connection and keeps it until the connection closes. Raises Django's DatabaseError.
    """
    due = notify.should_notify()
    values = [
        delivery.connection_id.bytes,
        delivery.digest,
        delivery.event_type.encode(),
        delivery.campaign.encode(),
        delivery.body,
        None if delivery.cleaned is None else delivery.cleaned.encode(),
        delivery.former_digest,
        bytes([due]),
    ]
    ((id,),) = db.execute_binary("accept_delivery", ACCEPT_ONE, values, using=using)
    if due and id is not None:
        notify.mark_notified()
    return None if id is None else int.from_bytes(id)


def store_all(deliveries: Sequence[NewDelivery], *, using: str) -> Sequence[int | Exception | None]:
    """Store several webhooks in one statement; return for each its id, None for a copy, or why PostgreSQL refused that one.

    Raises DatabaseError where the database is at fault: then none is stored.
    """
    due = notify.should_notify()
    values = [
        db.array(db.UUID, (delivery.connection_id.bytes for delivery in deliveries)),
        db.array(db.BYTEA, (delivery.digest for delivery in deliveries)),
        db.array(db.TEXT, (delivery.event_type.encode() for delivery in deliveries)),
        db.array(db.TEXT, (delivery.campaign.encode() for delivery in deliveries)),
        db.array(db.BYTEA, (delivery.body for delivery in deliveries)),
        db.array(db.TEXT, (None if delivery.cleaned is None else delivery.cleaned.encode() for delivery in deliveries)),
        db.array(db.BYTEA, (delivery.former_digest for delivery in deliveries)),
        bytes([due]),
    ]
    try:
        rows = db.execute_binary("accept_deliveries", ACCEPT_ALL, values, using=using)
        new = {(connection_id, digest): int.from_bytes(id or b"") for id, connection_id, digest in rows}
    except DatabaseError as error:
        if db.is_transient(error):
            raise
        return [_refused_or_stored(delivery, using) for delivery in deliveries]
    if due and new:
        notify.mark_notified()
    # A copy beside its original in one group: the first of them is the original.
    return [new.pop((delivery.connection_id.bytes, delivery.digest), None) for delivery in deliveries]


def _refused_or_stored(delivery: NewDelivery, using: str) -> int | Exception | None:
    try:
        return store(delivery, using=using)
    except DatabaseError as error:
        return error


def _name(value: object) -> str:
    return "" if value is None else str(value).replace("\0", "")[:MAX_NAME].encode("utf-8", "replace").decode()
