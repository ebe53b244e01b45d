"""Client-side deadline for database calls: the server's timeouts do not help when it hangs.

One watchdog thread per process; entering and leaving costs two dictionary operations. When a connection has not answered in time,
its socket is shut down, the waiting statement fails as if the server had gone away, and the request is answered.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from time import monotonic, sleep

from django.db import connections

STEP = 0.25
_watched: dict[int, tuple[float, int]] = {}
_lock = Lock()
_watcher: tuple[int, Thread] | None = None


@contextmanager
def db_deadline(due: float, *, using: str) -> Iterator[None]:
    """Run the block; a statement on connection `using` not answered at `due` (time.monotonic) fails with OperationalError."""
    connection = connections[using]
    connection.ensure_connection()  # connecting has its own limit: connect_timeout
    key, descriptor = id(connection), connection.connection.fileno()
    _ensure_watching()
    with _lock:
        _watched[key] = due, descriptor
    try:
        yield
    finally:
        with _lock:
            _watched.pop(key, None)


def _ensure_watching() -> None:
    global _watcher
    if _watcher is None or _watcher[0] != os.getpid():  # a forked process has no threads
        with _lock:
            if _watcher is None or _watcher[0] != os.getpid():
                thread = Thread(target=_watch, name="database-deadline", daemon=True)
                _watcher = os.getpid(), thread
                thread.start()


def _watch() -> None:
    while True:
        sleep(STEP)
        now = monotonic()
        with _lock:  # held while shutting down, so that the descriptor is still the one that was registered
            for key, (due, descriptor) in list(_watched.items()):
                if now > due:
                    del _watched[key]
                    _shut_down(descriptor)


def _shut_down(descriptor: int) -> None:
    try:
        duplicate = socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return
    with duplicate, suppress(OSError):  # it went by itself
        duplicate.shutdown(socket.SHUT_RDWR)
