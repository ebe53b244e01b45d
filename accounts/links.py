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
    """Return the token of a new link for the row with this key, and the digest to store in it."""
    token = key.hex + secrets.token_urlsafe(32)
    return token, digest_of(token)


def key_of(token: str) -> UUID:
    """Return the key of the row a token is for; one that no row has where the text cannot be a token."""
    try:
        return UUID(hex=token[:KEY_DIGITS])
    except ValueError:
        return UUID(int=0)


def matches(token: str, digest: bytes | memoryview | None) -> bool:
    """Return whether the token is the one the digest was made of. Takes the same time wherever they differ."""
    return digest is not None and compare_digest(digest_of(token), bytes(digest))


def digest_of(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def invitation_link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{INVITATION_PATH}{token}"


def password_reset_link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{PASSWORD_RESET_PATH}{token}"
