"""Configure glibc's memory allocator, so that a process returns large freed blocks to the system.

By default glibc raises its mmap threshold up to 32 MiB after the first large block was freed, and keeps an arena for each thread:
after a burst of large deliveries a process stayed five times as large. On other C libraries nothing is set.
"""

import ctypes
import gc
import os
from pathlib import Path
from time import monotonic

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1  # of mallopt(3)
STATM, PAGE = Path("/proc/self/statm"), os.sysconf("SC_PAGE_SIZE")
LARGE = 256 * 1024


def give_back_large_blocks(*, large: int = LARGE) -> bool:
    """Configure the allocator for the rest of the process; False if the C library has no such settings. Call before threads start.

    `large`: bytes of a block that is no ordinary work of this process. Each such block costs a call of the system, and its pages are
    emptied anew, as is free memory beyond four of them.
    """
    mallopt = getattr(_library(), "mallopt", None)
    settings = {MMAP_THRESHOLD: large, TRIM_THRESHOLD: 4 * large, ARENA_MAX: 2}
    return mallopt is not None and all(mallopt(name, value) == 1 for name, value in settings.items())


def trim() -> None:
    """Free memory now: collect garbage, then return free memory to the system."""
    gc.collect()
    malloc_trim = getattr(_library(), "malloc_trim", None)
    if malloc_trim:
        malloc_trim(0)


def resident() -> int:
    """Return this process's resident memory in bytes; 0 if the system does not report it."""
    try:
        return int(STATM.read_text().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


class Trimming:
    """Calls `trim` when the process has grown by more than `GROWN` since its smallest size after the last call."""

    GROWN = 24 * 1024 * 1024

    def __init__(self, *, every: float) -> None:
        self.every = every
        self._least: int | None = None
        self._looked_at = float("-inf")

    def look(self) -> None:
        now, size = monotonic(), resident()
        if self._least is None:
            self._least = size
        self._least = min(self._least, size)
        if size - self._least < self.GROWN or now - self._looked_at < self.every:
            return
        trim()
        self._looked_at, self._least = now, resident()


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)
