"""Single-use links for invitations and password resets; only a digest of their secret is stored."""

import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from django.conf import settings

LIFETIME = timedelta(hours=72)
INVITATION_PATH = "/invitations/"
PASSWORD_RESET_PATH = "/password-reset/"  # noqa: S105  an address, not a password
KEY_DIGITS = 32


def make(key: UUID) -> tuple[str, bytes]:
    """Return the token of a new link for the row with this key, and the digest to store in the row."""
    token = key.hex + secrets.token_urlsafe(32)
    return token, digest_of(token)


def key_of(token: str) -> UUID:
    """Return the key of the row that a link's token refers to; for a malformed token a key that no row has."""
    try:
        return UUID(hex=token[:KEY_DIGITS])
    except ValueError:
        return UUID(int=0)


def matches(token: str, digest: bytes | memoryview | None) -> bool:
    """Return whether the token belongs to the digest, by a comparison in constant time."""
    return digest is not None and compare_digest(digest_of(token), bytes(digest))


def digest_of(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def invitation_link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{INVITATION_PATH}{token}"


def password_reset_link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{PASSWORD_RESET_PATH}{token}"
