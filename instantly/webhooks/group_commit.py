"""Group commit of webhook deliveries: concurrent calls share one commit; a lone call never waits.

A thread that finds no commit under way starts its own at once, after yielding to other runnable threads; calls that arrive
meanwhile form the next group, and the first of them commits for all. Under load a commit carries as many calls as arrived during
the previous one, up to a size.
"""

import sys
from collections.abc import Callable, Sequence
from os import sched_yield
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Given = TypeVar("Given")
Got = TypeVar("Got")


class TooLate(TimeoutError):
    """Error: the leader thread did not finish in time. The call may still be carried out."""


class _Turn(Generic[Given, Got]):
    __slots__ = ("given", "got", "leads", "woken")

    def __init__(self, given: Given) -> None:
        self.given = given
        self.got: Got | Exception = TooLate("the leader thread died")
        self.leads = False
        self.woken = Lock()
        self.woken.acquire()


class GroupCommit(Generic[Given, Got]):
    """Groups concurrent calls. `do(group, until)` performs a group and returns a result or exception for each call, in order.

    The summed `size` of a group is at most `most`, unless a single call exceeds it.
    """

    def __init__(
        self,
        do: Callable[[Sequence[Given], float], Sequence[Got | Exception]],
        *,
        size: Callable[[Given], int] = lambda given: 1,
        most: int = sys.maxsize,
    ) -> None:
        self._do, self._size, self._most = do, size, most
        self._lock = Lock()
        self._waiting: list[_Turn[Given, Got]] = []
        self._under_way = False

    def submit(self, given: Given, until: float) -> Got:
        """Return the result of `given`, processed with others by `until` (time.monotonic). Raises its exception, or TooLate."""
        turn: _Turn[Given, Got] = _Turn(given)
        with self._lock:
            self._waiting.append(turn)
            turn.leads, self._under_way = not self._under_way, True
        if not turn.leads and not turn.woken.acquire(timeout=max(0.0, until - monotonic())):
            self._give_up(turn)
        if turn.leads:
            self._lead(until)
        if isinstance(turn.got, Exception):
            raise turn.got
        return turn.got

    def _lead(self, until: float) -> None:
        sched_yield()  # lets threads that are about to call join this group; costs nothing where there is none
        with self._lock:
            group = self._waiting[: self._group_size()]
            del self._waiting[: len(group)]
        try:
            for turn, got in zip(group, self._do([turn.given for turn in group], until), strict=True):
                turn.got = got
        except Exception as error:
            for turn in group:
                turn.got = error
        finally:
            with self._lock:
                self._under_way = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].woken.release()
            for turn in group:
                if turn.woken.locked():
                    turn.woken.release()

    def _group_size(self) -> int:
        """Return how many of the waiting calls, from the first on, form one group."""
        total = 0
        for count, turn in enumerate(self._waiting):
            total += self._size(turn.given)
            if total > self._most:
                return max(count, 1)
        return len(self._waiting)

    def _give_up(self, turn: "_Turn[Given, Got]") -> None:
        """Leave the queue and raise TooLate, unless this call has just become the leader."""
        with self._lock:
            if turn.leads:
                return
            if turn in self._waiting:
                self._waiting.remove(turn)
        raise TooLate("it was not done in time")
