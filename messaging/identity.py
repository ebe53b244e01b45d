"""Compute the ids of contacts and messages from their natural keys, whatever the order of events.

Keys are UUIDs of version 8 (RFC 9562: made by an application's own rule) over a blake2b hash; recording an event needs no look-up.
"""

from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

SEPARATOR = "\x1f"
FIXED_BITS = 0xF << 76 | 0x3 << 62
FIXED_VALUE = 0x8 << 76 | 0x2 << 62
"""Version 8 and the variant of RFC 9562, where a UUID has them."""


def _uuid(kind: str, *parts: object) -> UUID:
    digest = blake2b(SEPARATOR.join((kind, *map(str, parts))).encode(), digest_size=16).digest()
    return UUID(int=int.from_bytes(digest) & ~FIXED_BITS | FIXED_VALUE)


@lru_cache(maxsize=10_000)  # each handler asks for the contact, and for the contact of the message
def contact_id(organization_id: UUID, email: str) -> UUID:
    """Return the id of a contact: one per organization and canonical address (salesbrain/kernel/addresses.py)."""
    return _uuid("contact", organization_id, email)


def outbound_id(campaign_id: UUID, email: str, step: int, variant: int) -> UUID:
    """Return the id of a sent mail from campaign, address, step and variant, because most deliveries lack the provider's email_id. The
    organization is not part of it, so that a moved campaign keeps its messages.
    """
    return _uuid("out", campaign_id, email, step, variant)


def manual_id(owner_id: UUID, email: str, mail: str) -> UUID:
    """Return the id of a mail written by hand or of no campaign, from the provider's email_id or else its time. `owner_id`: its campaign
    or, without one, its organization, so that no workspace can refer to another one's mail.
    """
    return _uuid("manual", owner_id, email, mail)


def inbound_id(campaign_id: UUID, email: str, mail: str) -> UUID:
    """Return the id of a received mail, from the provider's email_id or else its time."""
    return _uuid("in", campaign_id, email, mail)
