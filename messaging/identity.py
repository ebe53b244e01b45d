"""Compute the ids of contacts and messages from their natural keys, whatever the order of events.

Keys are UUIDs of version 8 (RFC 9562: made by an application's own rule) over a blake2b hash; recording an event needs no look-up.
"""

from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

SEPARATOR = "\x1f"


def _uuid(kind: str, *parts: object) -> UUID:
    digest = bytearray(blake2b(SEPARATOR.join((kind, *map(str, parts))).encode(), digest_size=16).digest())
    digest[6] = digest[6] & 0x0F | 0x80  # version 8
    digest[8] = digest[8] & 0x3F | 0x80  # RFC 9562 variant
    return UUID(bytes=bytes(digest))


@lru_cache(maxsize=10_000)  # each handler asks for the contact, and for the contact of the message
def contact_id(organization_id: UUID, email: str) -> UUID:
    """A person is known once to an organization. `email` is canonical already (salesbrain/kernel/addresses.py)."""
    return _uuid("contact", organization_id, email)


def outbound_id(campaign_id: UUID, email: str, step: int, variant: int) -> UUID:
    """A campaign sends a person each step once; the provider's email_id is missing on most deliveries. The organization
    is no part of it, so that a campaign can be moved and its messages stay."""
    return _uuid("out", campaign_id, email, step, variant)


def manual_id(owner_id: UUID, email: str, mail: str) -> UUID:
    """A mail written by hand or of no campaign, by the provider's email_id or else its instant. `owner_id` is its campaign's or, without
    one, its organization's: no workspace can name another one's mail."""
    return _uuid("manual", owner_id, email, mail)


def inbound_id(campaign_id: UUID, email: str, mail: str) -> UUID:
    """A received mail, by the provider's email_id or else its instant."""
    return _uuid("in", campaign_id, email, mail)
