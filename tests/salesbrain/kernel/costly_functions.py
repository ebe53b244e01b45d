"""Functions that take too much CPU or memory, for tests of the bounded child process."""

import ctypes
import os
import re
import tempfile
import time


def work(item: str) -> str:
    """Perform what the item names; return the item."""
    if item in COSTS:
        COSTS[item]()
    return item


def _compute(seconds: float) -> None:
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass


def _backtrack() -> None:
    re.match(r"(a+)+b", "a" * 60)  # in C, and it would take years


def _write() -> None:
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(b"x")


def _fail() -> None:
    raise ValueError("no such thing")


COSTS = {
    "backtrack": _backtrack,
    "compute": lambda: _compute(60.0),
    "tenth": lambda: _compute(0.1),
    "allocate": lambda: bytearray(2_000_000_000),
    "crash": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "sleep": lambda: time.sleep(60.0),
    "fail": _fail,
    "write": _write,
}
