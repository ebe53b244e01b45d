"""Limit concurrent requests per kind (lane), so that no kind takes the threads of another.

The app server has one pool of threads with one queue. Its threads are cheap while they wait; a lane limits how many of them a kind
of request may hold, and how many of those may work at the same time. The lanes' numbers add up to fewer threads than the pool has
(a test checks it), so that a request always finds one.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from salesbrain.kernel.serving.lending import Lender


class Full(Exception):
    """Error: a lane is full, or no place became free in time. `retry_after`: seconds after which to try again."""

    def __init__(self, lane: str, retry_after: int = 5) -> None:
        super().__init__(f"The lane {lane} is full.")
        self.lane = lane
        self.retry_after = retry_after


class Lane:
    """Limit of one kind of request: `at_once` work, `waiting` more wait up to `patience` seconds.

    Requests get places in the order of their arrival. `lends`: pools from which a request with a place gets its database connections.
    """

    def __init__(
        self, name: str, *, at_once: int, waiting: int = 0, patience: float = 0.0, lends: Sequence[Lender] = ()
    ) -> None:
        self.name, self.at_once, self.waiting, self.patience = name, at_once, waiting, patience
        self.lends = tuple(lends)
        self.busy = 0
        self._lock = Lock()
        self._queue: deque[Lock] = deque()

    @property
    def threads(self) -> int:
        """Return the maximum number of threads that this lane occupies."""
        return self.at_once + self.waiting

    def take(self) -> None:
        """Take a place in the lane, waiting if necessary; raise Full."""
        with self._lock:
            if self.busy < self.at_once:
                self.busy += 1
                return
            if len(self._queue) >= self.waiting:
                raise Full(self.name)
            turn = Lock()
            turn.acquire()
            self._queue.append(turn)
        if not turn.acquire(timeout=self.patience):
            with self._lock:
                if turn in self._queue:
                    self._queue.remove(turn)
                    raise Full(self.name)
            # It was given away to us at the last moment.

    def give_back(self) -> None:
        """Free a place for the longest waiting request."""
        with self._lock:
            if self._queue:
                self._queue.popleft().release()
            else:
                self.busy -= 1

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place, and the database connections that come with it, during the block. Raises Full."""
        self.take()
        try:
            with lent(self.lends):
                yield
        finally:
            self.give_back()


@contextmanager
def lent(lenders: Sequence[Lender], *, until: float | None = None) -> Iterator[None]:
    """Let this thread use a connection of each lender while the block runs. Raises lending.NoneLeft."""
    if not lenders:
        yield
        return
    with lenders[0].lent(until=until), lent(lenders[1:], until=until):
        yield


class PerKey:
    """Limit of `most` concurrent uses per key and `total` of all; nobody waits."""

    def __init__(self, *, most: int, total: int) -> None:
        self.most, self.total = most, total
        self._held: dict[object, int] = {}
        self._lock = Lock()

    def take(self, key: object) -> bool:
        """Count one use for the key; False if the key or all together have reached the limit."""
        with self._lock:
            held = self._held.get(key, 0)
            if held >= self.most or sum(self._held.values()) >= self.total:
                return False
            self._held[key] = held + 1
            return True

    def give_back(self, key: object) -> None:
        with self._lock:
            left = self._held.get(key, 0) - 1
            if left > 0:
                self._held[key] = left
            else:
                self._held.pop(key, None)

    def held(self, key: object) -> int:
        """Return the number of uses the key has at the moment."""
        return self._held.get(key, 0)


class Budget:
    """Limit of bytes of large objects in memory at the same time, granted in the order of requests."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.taken = 0
        self._lock = Lock()
        self._queue: deque[tuple[int, Lock]] = deque()

    def take(self, size: int, *, until: float) -> bool:
        """Reserve `size` bytes (at most the whole budget), waiting until `until` (time.monotonic); False if they did not become free."""
        size = min(size, self.total)
        with self._lock:
            if not self._queue and self.taken + size <= self.total:
                self.taken += size
                return True
            turn = Lock()
            turn.acquire()
            self._queue.append((size, turn))
        if turn.acquire(timeout=max(0.0, until - monotonic())):
            return True
        with self._lock:
            if (size, turn) not in self._queue:
                return True  # it was given at the last moment
            self._queue.remove((size, turn))
            self._hand_on()
        return False

    def give_back(self, size: int) -> None:
        with self._lock:
            self.taken -= min(size, self.total)
            self._hand_on()

    def _hand_on(self) -> None:
        while self._queue and self.taken + self._queue[0][0] <= self.total:
            size, turn = self._queue.popleft()
            self.taken += size
            turn.release()
