"""Stores a delivery and queues it, once. The one way in, for webhooks, gap repair and derived events alike (`origin`)."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from salesbrain import db

from . import body as bodies
from . import wake

ACCEPT = "SELECT accept_delivery(%s, %s, %s, %s, %s, %s, %s, %s)"
DIGESTED = "workspace", "event_type", "campaign_id", "lead_email", "timestamp", "email_id", "step", "variant"
MAX_NAME = 1000


def digest(payload: dict[str, Any]) -> bytes:
    """Return what makes a copy a copy: 32 bytes.

    There is no event id on the wire. `timestamp` is fixed per occurrence and not renewed on a retry, so the named fields tell
    occurrences apart; email_id alone would not (two opens of one mail share it). A body without a lead or a timestamp (two
    mailboxes failing in the same millisecond, a test event) is told apart by all it says.
    """
    told = payload.get("timestamp") and payload.get("lead_email")
    identity = [payload.get(key) for key in DIGESTED] if told else payload
    return sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)).digest()


def accept(connection_id: UUID, raw: bytes, *, origin: str = "webhook", using: str = "default") -> int | None:
    """Store one delivery; return its id, or None where it is a copy of one that is stored.

    Raises body.Refused where the bytes are no delivery, Django's DatabaseError where it could not be stored. It is durable
    once the surrounding transaction commits; outside of one, when this returns.
    """
    return store(connection_id, raw, bodies.read(raw), origin=origin, using=using)


def store(
    connection_id: UUID, raw: bytes, body: bodies.Body, *, origin: str = "webhook", using: str = "default"
) -> int | None:
    """`accept` for bytes that were read already."""
    payload = body.payload
    parameters = [
        connection_id,
        digest(payload),
        _name(payload.get("event_type")),
        _name(payload.get("campaign_id")),
        raw,
        body.cleaned,
        origin,
        wake.is_due(),
    ]
    row = db.prepared(ACCEPT, parameters, using=using).fetchone()
    return row[0] if row else None


def _name(value: object) -> str:
    return "" if value is None else str(value).replace("\0", "")[:MAX_NAME].encode("utf-8", "replace").decode()
