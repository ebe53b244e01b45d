"""Background threads of a running emulator: server, simulated life, deliveries, snapshots."""

import contextlib
import logging
import threading
import time
from dataclasses import dataclass

from ..fake import FakeInstantly
from .server import EmulatorServer
from .snapshot import StateFile

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """Events per second by time since the start: fast while a demo is likely watched, slower after ten minutes and
    after an hour, so that a demo that runs for days stays small (an event takes about 7 kB)."""

    rates: tuple[tuple[float, float], ...] = ((0, 4.0), (600, 1.0), (3600, 0.2))

    @classmethod
    def steady(cls, rate: float) -> "Pace":
        return cls(((0, rate),))

    def at(self, seconds: float) -> float:
        """Return the events per second at ``seconds`` after the start."""
        return [rate for since, rate in self.rates if since <= seconds][-1]


class EmulatorProcess:
    """A running emulator: ``start`` and ``stop`` all its threads."""

    def __init__(
        self, fake: FakeInstantly, server: EmulatorServer, *, pace: Pace | None = None, state: StateFile | None = None
    ) -> None:
        self._fake = fake
        self._server = server
        self._pace = pace or Pace()
        self._state = state
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._fake.set_rate(self._pace.at(0))
        self._fake.deliveries.start()
        self._server.start()
        for name, work in (("life", self._run_life), ("state", self._save_state)):
            thread = threading.Thread(target=work, name=f"emulator-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and sending, then save the state. Raises OSError if it cannot be written."""
        self._stopping.set()
        self._server.stop()
        self._fake.deliveries.stop()
        for thread in self._threads:
            thread.join(timeout=2)
        if self._state:
            self._state.write()

    def _run_life(self) -> None:
        started, rate = time.monotonic(), self._pace.at(0)
        while not self._stopping.wait(TICK_SECONDS):
            planned = self._pace.at(time.monotonic() - started)
            if planned != rate:  # a rate set through the control API stays until the next change
                rate = planned
                self._fake.set_rate(planned)
            try:
                self._fake.catch_up()
            except Exception:  # one failing action must not end the demo
                logger.exception("Could not carry out what was on the agenda")

    def _save_state(self) -> None:
        if self._state is None:
            return
        wait = self._state.every_seconds
        while not self._stopping.wait(wait):
            with contextlib.suppress(OSError):  # disk full: retried later; the last write, in stop(), raises
                wait = self._state.write()
