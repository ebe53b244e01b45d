"""Pool of database connections, borrowed by threads that work instead of one kept by every thread.

With many threads one connection per thread would exceed PostgreSQL's limit. The pool keeps as many as work at the same time; the
most recently returned one is lent first, so that few stay open in quiet times, and those unused for a minute are closed.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Condition
from time import monotonic

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

KEPT = 60.0
"""Seconds an open connection waits for its next use."""


class NoneLeft(TimeoutError):
    """Error: all connections were in use until the deadline."""


class Lender:
    """Pool of up to `most` connections of a database alias."""

    def __init__(self, alias: str, *, most: int, kept: float = KEPT) -> None:
        self.alias, self.most, self.kept = alias, most, kept
        self.made = 0
        self._free: list[tuple[float, BaseDatabaseWrapper]] = []
        self._changed = Condition()

    @contextmanager
    def lent(self, *, until: float | None = None) -> Iterator[None]:
        """Use a pooled connection as `connections[alias]` of this thread during the block; waits for one until `until` (time.monotonic).

        Raises NoneLeft. Afterwards the thread has its former connection again (in a test, in a command).
        """
        ours = self._take(until)
        before = getattr(connections._connections, self.alias, None)  # type: ignore[attr-defined]
        connections[self.alias] = ours
        try:
            yield
        finally:
            if before is None:
                del connections[self.alias]
            else:
                connections[self.alias] = before
            with self._changed:
                self._free.append((monotonic(), ours))
                self._changed.notify()

    def close_unused(self, *, now: float) -> None:
        """Close pooled connections unused for `kept` seconds."""
        with self._changed:
            stale = [one for at, one in self._free if now - at > self.kept and one.connection is not None]
            if not stale:
                return
            self._free = [(at, one) for at, one in self._free if one not in stale]
            self.made -= len(stale)
            self._changed.notify(len(stale))
        for one in stale:
            one.close()

    @property
    def open(self) -> int:
        """Return the number of idle open connections."""
        return sum(one.connection is not None for _, one in self._free)

    def _take(self, until: float | None) -> BaseDatabaseWrapper:
        with self._changed:
            while not self._free:
                if self.made < self.most:
                    self.made += 1
                    return self._make()
                left = None if until is None else until - monotonic()
                if (left is not None and left <= 0) or not self._changed.wait(left):
                    raise NoneLeft(f"all {self.most} connections of {self.alias!r} are in use")
            return self._free.pop()[1]

    def _make(self) -> BaseDatabaseWrapper:
        made: BaseDatabaseWrapper = connections.create_connection(self.alias)
        made.inc_thread_sharing()  # used by one thread at a time, but not by the same one
        made.lent = True  # type: ignore[attr-defined]  # db.close_with_its_thread leaves it alone
        return made


shared: dict[str, Lender] = {}
"""Lenders by name, for work outside of lanes. Empty in processes that serve no requests, where each thread has its own connections."""


def borrowed(name: str, *, until: float | None = None) -> AbstractContextManager[None]:
    """Return a context in which this thread uses a pooled connection; outside of a server, its own.

    Entering raises NoneLeft where none became free until then (time.monotonic).
    """
    lender = shared.get(name)
    return nullcontext() if lender is None else lender.lent(until=until)
