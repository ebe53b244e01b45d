"""Memory limit for large webhook bodies: a process reads only a few of them at the same time.

Ordinary deliveries have some kilobytes and are read as they come. A large one waits for memory; without any in time it is answered 503 and
Instantly sends it again. Parsing JSON takes several times a body's size, so large ones are parsed one after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from salesbrain.kernel.serving import chunked
from salesbrain.kernel.serving.lanes import Budget

from .body import MAX_BYTES
from .group_commit import TooLate

LARGE = 128 * 1024
PIECE = 256 * 1024
budget = Budget(2 * MAX_BYTES)
LENDER = "large deliveries"
"""Name of the lender for storing large deliveries: one connection, closed soon, because it keeps memory for the largest."""

alone = Lock()
"""Lock held while a large body is parsed."""


def is_large(size: int) -> bool:
    return size > LARGE


@contextmanager
def reserved_memory(size: int, *, until: float) -> Iterator[None]:
    """Reserve memory for a large body of `size` bytes while the block runs. Raises TooLate if none is free by `until` (time.monotonic)."""
    if not budget.take(size, until=until):
        raise TooLate("too many large bodies came at the same time")
    try:
        yield
    finally:
        budget.give_back(size)


def read_beginning(read: Callable[[int], bytes]) -> bytearray:
    """Return the first bytes of a chunked body: all of an ordinary one, or one byte more than the limit of ordinary ones."""
    return chunked.read_up_to(read, LARGE)


def read_rest(begun: bytearray, read: Callable[[int], bytes]) -> bytearray:
    """Return a large chunked body whole, cut at MAX_BYTES + 1. Raises what `read` raises."""
    return chunked.read_up_to(read, MAX_BYTES, begun=begun)


def read_available(read: Callable[[int], bytes], size: int) -> bytes | bytearray:
    """Read `size` bytes by repeated `read(most)`; fewer if the stream ends earlier. Raises what `read` raises."""
    if not is_large(size):
        return read(size)
    whole, at = bytearray(size), 0
    while at < size and (piece := read(min(PIECE, size - at))):
        whole[at : at + len(piece)] = piece
        at += len(piece)
    del whole[at:]
    return whole
