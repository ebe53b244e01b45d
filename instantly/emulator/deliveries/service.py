"""Service that sends emulated deliveries: worker threads, draining, pausing, fault settings.

The POST happens outside the lock, so that a slow receiver never blocks the API. After ``start`` a bounded number of
threads deliver; without them ``run_due`` delivers in the caller's thread, as tests do.
"""

import threading

from ..simulation import Simulation
from ..state.assumptions import Assumptions
from ..state.deliveries import Attempt, DeliveryFaults
from ..wire import Transport
from .attempts import send_attempt, take_due

WORKERS = 8


class DeliveryService:
    """Delivers the queued attempts of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._state = simulation.deliveries
        self._workers: list[threading.Thread] = []
        self._stopping = False

    # Settings

    @property
    def assumptions(self) -> Assumptions:
        return self._simulation.assumptions

    @property
    def transport(self) -> Transport:
        return self._simulation.transport

    @transport.setter
    def transport(self, transport: Transport) -> None:
        self._simulation.transport = transport

    @property
    def faults(self) -> DeliveryFaults:
        return self._state.faults

    def set_faults(self, **faults: float) -> None:
        """Set probabilities (see DeliveryFaults); the others stay. Raises TypeError for unknown names."""
        self._state.faults = DeliveryFaults(**{**self._state.faults.__dict__, **faults})

    # State

    @property
    def waiting(self) -> int:
        """Attempts not finished yet, including retries."""
        return self._state.waiting

    def next_due(self) -> int | None:
        return None if self._state.paused else self._state.queue.next_due()

    def pause(self) -> None:
        """Deliver nothing until ``resume``; events queue up."""
        self._state.paused = True

    def resume(self) -> None:
        with self._state.changed:
            self._state.paused = False
            self._state.changed.notify_all()

    # Delivering in the caller's thread

    def run_due(self) -> int:
        """Deliver everything that is due in this thread; returns the number of attempts. Call without the lock."""
        count = 0
        while (attempt := self._take()) is not None:
            send_attempt(self._simulation, attempt)
            count += 1
        return count

    def drain(self, *, hurry: bool = False, timeout: float = 60.0) -> bool:
        """Deliver everything that is due and wait for it; with ``hurry`` also what is scheduled for later.

        Returns True if nothing is left (a pause, the timeout or waiting retries leave some). ``timeout`` in seconds.
        """
        with self._state.changed:
            if hurry:
                self._make_all_due()
        if self._workers:
            with self._state.changed:
                return self._state.changed.wait_for(lambda: self._is_idle(hurry), timeout)
        self.run_due()
        while hurry and not self._state.paused and len(self._state.queue):
            with self._state.changed:
                self._state.queue.make_all_due(self._simulation.clock.now_ms())
            self.run_due()
        return not len(self._state.queue)

    def _make_all_due(self) -> None:
        self._state.queue.make_all_due(self._simulation.clock.now_ms())
        self._state.changed.notify_all()

    def _is_idle(self, hurry: bool) -> bool:
        if hurry and self._state.queue.next_due() is not None:
            self._make_all_due()
        due = self._state.queue.next_due()
        return not self._state.in_flight and (due is None or due > self._simulation.clock.now_ms())

    # Delivering in worker threads

    @property
    def workers(self) -> int:
        return len(self._workers)

    def start(self, workers: int = WORKERS) -> None:
        """Deliver in the background with this number of threads."""
        self._stopping = False
        for number in range(workers):
            thread = threading.Thread(target=self._work, name=f"delivery-{number}", daemon=True)
            thread.start()
            self._workers.append(thread)

    def stop(self, *, wait: bool = True) -> None:
        """Take no new attempt; one in flight may still arrive (its thread is joined for at most half a second)."""
        with self._state.changed:
            self._stopping = True
            self._state.changed.notify_all()
        for thread in self._workers if wait else ():
            thread.join(timeout=0.5)
        self._workers.clear()

    def _work(self) -> None:
        while not self._stopping:
            attempt = self._take()
            if attempt is not None:
                send_attempt(self._simulation, attempt)
                continue
            with self._state.changed:
                due = self.next_due()
                wait = 0.5 if due is None else min(0.5, max(0.0, (due - self._simulation.clock.now_ms()) / 1000))
                if wait and not self._stopping:
                    self._state.changed.wait(wait)

    def _take(self) -> Attempt | None:
        with self._state.changed:
            return None if self._stopping else take_due(self._simulation)
