"""Group commit: concurrent calls share one commit; a lone call never waits for others.

A thread that finds no commit under way leads at once, after yielding to threads that could run. Calls that come during a commit
are the next group, led by the first of them. Under load a commit carries as many as came during the one before.
"""

from collections.abc import Callable, Sequence
from os import sched_yield
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Given = TypeVar("Given")
Got = TypeVar("Got")


class TooLate(TimeoutError):
    """The leader thread did not finish in time. The call may still be carried out."""


class _Turn(Generic[Given, Got]):
    __slots__ = ("given", "got", "leads", "woken")

    def __init__(self, given: Given) -> None:
        self.given = given
        self.got: Got | Exception = TooLate("the leader thread died")
        self.leads = False
        self.woken = Lock()
        self.woken.acquire()


class GroupCommit(Generic[Given, Got]):
    """`do(group, until)` processes a group and returns, in order, each call's result or its exception."""

    def __init__(self, do: Callable[[Sequence[Given], float], Sequence[Got | Exception]]) -> None:
        self._do = do
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
            group, self._waiting = self._waiting, []
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

    def _give_up(self, turn: "_Turn[Given, Got]") -> None:
        """Leave the queue and raise TooLate, unless this call has just become the leader."""
        with self._lock:
            if turn.leads:
                return
            if turn in self._waiting:
                self._waiting.remove(turn)
        raise TooLate("it was not done in time")
