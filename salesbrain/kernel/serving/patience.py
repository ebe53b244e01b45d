"""Watchdog that cuts connections of clients that stop reading or send too slowly.

The app server waits for such clients without end, each time in a thread, and a thread that waits there cannot be cancelled. The
connection beneath it can: the waiting call then fails, and the thread is free. Every connection of the process is checked
periodically. Two kinds are cut:

- **Stalled readers**: a response is pending, and less than `LEAST` bytes of it were read in `seconds`.
- **Slow senders**: a body that the application waits for (`Reading`) has not arrived within `seconds` plus the time its size needs at
  `SLOWEST`. The app server does not expose a request's connection; the watchdog takes the one that has been unanswered since the
  request began.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from salesbrain.kernel.serving import connections
from salesbrain.kernel.serving.connections import Client

logger = logging.getLogger(__name__)

LEAST = 16 * 1024
SLOWEST = 128 * 1024
"""Bytes per second below which a transfer counts as too slow."""

MOST_BETWEEN_LOOKS = 2.0


@dataclass(slots=True)
class Turn:
    """State of a connection at the previous check."""

    received: int = 0
    sent: int = 0
    unanswered_since: float | None = None
    taken: int = 0
    taken_at: float = 0.0


class Reading:
    """A request whose body the application is reading; `began`: start of the request (time.monotonic)."""

    __slots__ = ("began", "length")

    def __init__(self, began: float, length: int) -> None:
        self.began, self.length = began, length

    def is_overdue(self, now: float, seconds: float) -> bool:
        return now - self.began > seconds + self.length / SLOWEST


class Patience:
    """Watchdog thread that cuts slow clients' connections, one per process. `seconds`: how long a client may make no progress."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.readings: set[Reading] = set()
        self.cut = 0  # connections so far
        self._turns: dict[int, Turn] = {}

    def watch(self, *, also: Iterable[Callable[[], object]] = ()) -> None:
        """Check regularly in a background thread, and call `also` each time."""
        if not connections.supported():
            logger.warning("This system does not tell how its connections stand: slow clients are not cut off.")
            return
        threading.Thread(target=self._watch_forever, args=[tuple(also)], name="patience", daemon=True).start()

    def look(self, *, now: float) -> None:
        """Cut connections that made no progress for too long."""
        seen = list(connections.clients())
        self._turns = {client.inode: self._turns.get(client.inode) or Turn(taken_at=now) for client in seen}
        for client in seen:
            self._note(client, self._turns[client.inode], now)
        guilty = {client.inode: client for client in self._stalled(seen, now)}
        guilty |= {client.inode: client for client in self._dripping(seen, now)}
        for client in guilty.values():
            self.cut += connections.cut(client)
        if guilty:
            logger.warning("Ended %d connections on which nothing moved for %g s.", len(guilty), self.seconds)

    def _note(self, client: Client, turn: Turn, now: float) -> None:
        if client.sent > turn.sent:
            turn.unanswered_since = None
        if client.received > turn.received and turn.unanswered_since is None and client.received_ago <= client.sent_ago:
            turn.unanswered_since = now - client.received_ago
        if not client.outstanding or client.acknowledged - turn.taken >= LEAST:
            turn.taken, turn.taken_at = client.acknowledged, now
        turn.received, turn.sent = client.received, client.sent

    def _stalled(self, seen: list[Client], now: float) -> list[Client]:
        return [client for client in seen if now - self._turns[client.inode].taken_at > self.seconds]

    def _dripping(self, seen: list[Client], now: float) -> Iterable[Client]:
        overdue = sorted(one.began for one in list(self.readings) if one.is_overdue(now, self.seconds))
        silent: list[tuple[float, Client]] = []
        for client in seen:
            since = self._turns[client.inode].unanswered_since
            if since is not None and now - since > self.seconds:
                silent.append((since, client))
        for began in overdue:
            if not silent:
                return
            nearest = min(silent, key=lambda one: abs(one[0] - began))
            silent.remove(nearest)
            yield nearest[1]

    def _watch_forever(self, also: tuple[Callable[[], object], ...]) -> None:
        pause = threading.Event()
        while not pause.wait(min(self.seconds / 10, MOST_BETWEEN_LOOKS)):
            for step in (lambda: self.look(now=monotonic()), *also):
                try:
                    step()
                except Exception:
                    logger.exception("Could not look at the connections")


class Input:
    """Wrapper of a request's `wsgi.input` that registers reading. `length` None: unknown (chunks)."""

    __slots__ = ("_grows", "_inner", "_patience", "_reading")

    def __init__(self, inner: Any, patience: Patience, began: float, length: int | None) -> None:
        self._inner, self._patience, self._grows = inner, patience, length is None
        self._reading = Reading(began, length or 0)

    def read(self, *size: int) -> bytes:
        self._patience.readings.add(self._reading)
        try:
            piece: bytes = self._inner.read(*size)
        finally:
            self._patience.readings.discard(self._reading)
        if self._grows:
            self._reading.length += len(piece)
        return piece

    def readline(self, *size: int) -> bytes:
        return self._while_reading(self._inner.readline, *size)

    def readlines(self, *hint: int) -> list[bytes]:
        return self._while_reading(self._inner.readlines, *hint)

    def __iter__(self) -> "Input":
        return self

    def __next__(self) -> bytes:
        return self._while_reading(self._inner.__next__)

    def _while_reading(self, read: Callable[..., Any], *arguments: int) -> Any:
        self._patience.readings.add(self._reading)
        try:
            return read(*arguments)
        finally:
            self._patience.readings.discard(self._reading)
