"""API keys of the emulator, stored as digests: verifiable, but not readable from memory or snapshot."""

import base64
import hashlib
import secrets
import uuid
from typing import NamedTuple


class KeyOwner(NamedTuple):
    """The workspace a key belongs to, and the row of ``api_keys`` that describes it."""

    workspace_id: str
    key_id: str


class Keys:
    """Owners of API keys, by the key's digest."""

    def __init__(self) -> None:
        self._owners: dict[str, KeyOwner] = {}

    def add(self, key: str, owner: KeyOwner) -> None:
        self._owners[_digest(key)] = owner

    def owner(self, key: str) -> KeyOwner | None:
        return self._owners.get(_digest(key))

    def revoke(self, key_id: str) -> None:
        self._owners = {digest: owner for digest, owner in self._owners.items() if owner.key_id != key_id}

    def dump(self) -> dict[str, list[str]]:
        return {digest: list(owner) for digest, owner in self._owners.items()}

    def load(self, dumped: dict[str, list[str]]) -> None:
        self._owners = {digest: KeyOwner(*values) for digest, values in dumped.items()}


def new_key() -> str:
    """A random key in the format seen in practice: base64 of ``<uuid>:<secret>``."""
    return base64.b64encode(f"{uuid.uuid4()}:{secrets.token_urlsafe(12)}".encode()).decode()


def mask_key(key: str) -> str:
    """The key as it is shown after its creation."""
    return f"{key[:4]}{'*' * 12}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
