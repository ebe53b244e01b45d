"""Ids in Instantly's formats: UUID v4 (older objects), UUID v7 (newer ones), 24 hex digits (jobs).

New ids come from a seeded stream: the same seed and the same calls give the same ids. Objects that exist from the start
derive theirs from their names, so that they are stable across restarts.
"""

import hashlib
import random
import uuid
from typing import Any


class Identifiers:
    """The stream of new ids. Version 7 ids are monotonic, also within one millisecond (leads are listed by id)."""

    def __init__(self, seed: int | str) -> None:
        self._rng = random.Random(f"{seed}:ids")
        self._last_ms = 0
        self._sequence = 0

    def v4(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def v7(self, ms: int) -> str:
        if ms > self._last_ms:
            self._last_ms, self._sequence = ms, 0
        else:
            self._sequence += 1
            if self._sequence > 0xFFF:
                self._last_ms, self._sequence = self._last_ms + 1, 0
        return _v7(self._last_ms, self._sequence, self._rng.getrandbits(62))

    def object_id(self, ms: int) -> str:
        return f"{ms // 1000:08x}{self._rng.getrandbits(64):016x}"

    def dump(self) -> dict[str, Any]:
        return {"dice": dump_rng(self._rng), "last_ms": self._last_ms, "sequence": self._sequence}

    def load(self, dumped: dict[str, Any]) -> None:
        load_rng(self._rng, dumped["dice"])
        self._last_ms, self._sequence = dumped["last_ms"], dumped["sequence"]


def stable_v4(*parts: object) -> str:
    """A UUID (version 4 bits) that depends only on the parts."""
    return str(uuid.UUID(bytes=_digest(parts)[:16], version=4))


def stable_v7(ms: int, *parts: object) -> str:
    """A UUID (version 7 bits) that depends only on the instant and the parts."""
    digest = int.from_bytes(_digest(parts)[:10], "big")
    return _v7(ms, digest & 0xFFF, digest >> 18)


def stable_number(below: int, *parts: object) -> int:
    """A number from 0 to ``below`` - 1 that depends only on the parts."""
    return int.from_bytes(_digest(parts)[:8], "big") % below


def dump_rng(rng: random.Random) -> list[Any]:
    version, numbers, gauss = rng.getstate()
    return [version, list(numbers), gauss]


def load_rng(rng: random.Random, dumped: list[Any]) -> None:
    version, numbers, gauss = dumped
    rng.setstate((version, tuple(numbers), gauss))


def _digest(parts: tuple[object, ...]) -> bytes:
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()


def _v7(ms: int, sequence: int, noise: int) -> str:
    time = f"{ms & 0xFFFF_FFFF_FFFF:012x}"
    rest = f"{0x8000_0000_0000_0000 | noise & 0x3FFF_FFFF_FFFF_FFFF:016x}"
    return f"{time[:8]}-{time[8:]}-7{sequence & 0xFFF:03x}-{rest[:4]}-{rest[4:]}"
