"""Count rows and bytes and compute the SHA-256 of an export while it is written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass
class Tally:
    """Counter of an export: pass the rows through `count` and the bytes through `hashed`; read the results at the end."""

    rows: int = 0
    size: int = 0
    digest: Any = field(default_factory=sha256)

    @property
    def sha256(self) -> str:
        """Return the checksum of the bytes so far, as 64 hexadecimal digits."""
        return str(self.digest.hexdigest())

    def count(self, texts: Iterator[str]) -> Iterator[str]:
        """Yield the rows, counted."""
        for text in texts:
            self.rows += 1
            yield text

    def hashed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces, with their bytes counted and hashed."""
        for data in pieces:
            self.digest.update(data)
            self.size += len(data)
            yield data
