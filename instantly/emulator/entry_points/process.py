"""The emulator as a process: its life on a thread, its deliveries on others, its state saved from time to time."""

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .server import EmulatorServer
from .snapshot import StateFile

if TYPE_CHECKING:
    from ..fake import FakeInstantly

logger = logging.getLogger(__name__)
TICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """Events a second, by seconds since the start: lively while somebody is likely to watch, calmer after ten minutes,
    quiet after an hour, so that a demo left alone for days stays small (an event costs about 7 kB)."""

    rates: tuple[tuple[float, float], ...] = ((0, 4.0), (600, 1.0), (3600, 0.2))

    @classmethod
    def steady(cls, rate: float) -> "Pace":
        return cls(((0, rate),))

    def at(self, seconds: float) -> float:
        return [rate for since, rate in self.rates if since <= seconds][-1]


class Running:
    """An emulator on air. ``start`` everything, ``stop`` at once and cleanly."""

    def __init__(
        self, fake: "FakeInstantly", server: EmulatorServer, *, pace: Pace | None = None, state: StateFile | None = None
    ) -> None:
        self._fake = fake
        self._server = server
        self._pace = pace or Pace()
        self._state = state
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._fake.set_rate(self._pace.at(0))
        self._fake.deliveries.start()
        self._server.start()
        for name, work in (("life", self._live), ("state", self._save)):
            thread = threading.Thread(target=work, name=f"emulator-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop serving and sending, then save what there is."""
        self._end.set()
        self._server.stop()
        self._fake.deliveries.stop()
        for thread in self._threads:
            thread.join(timeout=2)
        if self._state:
            self._state.write()

    def _live(self) -> None:
        began, rate = time.monotonic(), self._pace.at(0)
        while not self._end.wait(TICK_SECONDS):
            due = self._pace.at(time.monotonic() - began)
            if due != rate:  # a rate set by hand meanwhile stays until the next change
                rate = due
                self._fake.set_rate(due)
            try:
                self._fake.catch_up()
            except Exception:  # one bad happening must not end the demo
                logger.exception("Could not carry out what was on the agenda")

    def _save(self) -> None:
        if self._state is None:
            return
        wait = self._state.every_seconds
        while not self._end.wait(wait):
            with contextlib.suppress(OSError):  # a full disk: the next turn may do; the last one, at the end, tells
                wait = self._state.write()
