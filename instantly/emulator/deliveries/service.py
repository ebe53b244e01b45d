"""Delivering: which webhooks an event goes to, attempts, retries, switching a webhook off.

State is only touched under the emulator's lock; the POST itself happens outside it, so a slow receiver never holds up
the API. With workers (``start``) a bounded number of threads deliver; without, ``run_due`` does it in the caller's
thread, which is what tests use.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from ..state.assumptions import Assumptions
from ..state.clock import Clock, iso
from ..state.identifiers import Identifiers, dump_dice, load_dice
from ..state.tables import Row
from ..state.workspaces import Workspace
from .log import DeliveryLog
from .queue import Attempt, DeliveryFaults, Queue, mischief, wants
from .transport import AXIOS_HEADERS, HttpTransport, Outcome, Transport

CONCURRENCY = 8


@dataclass
class Figures:
    """What the delivering came to, for the truth."""

    attempts: int = 0
    delivered: int = 0
    failed: int = 0
    lost: int = 0


class Deliveries:
    """The delivering half of the emulator. Made and owned by FakeInstantly."""

    def __init__(
        self,
        *,
        lock: "threading.RLock",
        clock: Clock,
        ids: Identifiers,
        seed: int | str,
        assumptions: Assumptions,
        workspace_of: Callable[[str], Workspace | None],
        transport: Transport | None = None,
    ) -> None:
        self._changed = threading.Condition(lock)
        self._clock = clock
        self.ids = ids
        self._dice = random.Random(f"{seed}:deliveries")
        self.assumptions = assumptions
        self._log = DeliveryLog(clock, ids)
        self._workspace_of = workspace_of
        self.transport: Transport = transport or HttpTransport()
        self.faults = DeliveryFaults()
        self.figures = Figures()
        self._queue = Queue()
        self._in_flight: dict[int, Attempt] = {}
        self._failures: dict[str, int] = {}  # webhook id -> events in a row given up
        self._paused = False
        self._workers: list[threading.Thread] = []
        self._stopping = False

    # What goes in

    def enqueue(
        self, workspace: Workspace, payload: Row, campaign_id: str | None, interest_value: float | None = None
    ) -> int:
        """Queue one event for every webhook that wants it; answers for how many. Call with the lock held."""
        count = 0
        for webhook in workspace.webhooks.walk(newest_first=False):
            if not wants(webhook, payload["event_type"], campaign_id, interest_value):
                continue
            if webhook["status"] != 1:
                if self.assumptions.log_while_disabled:
                    self._log.write(workspace, webhook, payload, Outcome(error="Webhook is disabled"))
                continue
            count += 1
            lost, lateness = mischief(self.faults, self._dice)
            if lost:
                self.figures.lost += 1
                self._log.write(workspace, webhook, payload, Outcome(error="socket hang up"))
            for late_ms in lateness:
                self._put(workspace, webhook["id"], payload, self._clock.now_ms() + late_ms)
        if count:
            self._changed.notify(count)
        return count

    def _put(self, workspace: Workspace, webhook_id: str, payload: Row, due_ms: int) -> None:
        group_id = self.ids.v7(self._clock.now_ms())
        self._queue.put(Attempt(due_ms, 0, workspace.id, webhook_id, payload, group_id))

    # What goes out

    def next_due(self) -> int | None:
        return None if self._paused else self._queue.next_due()

    def run_due(self) -> int:
        """Deliver in this thread whatever is due; answers how many attempts were made. Call without the lock."""
        count = 0
        while (attempt := self._take()) is not None:
            self._perform(attempt)
            count += 1
        return count

    def drain(self, *, hurry: bool = False, timeout: float = 60.0) -> bool:
        """Deliver everything that is due and wait until it is done; with ``hurry`` also what was meant for later.

        Answers whether nothing is left (a pause, a timeout or waiting retries leave something).
        """
        with self._changed:
            if hurry:
                self._queue.hurry(self._clock.now_ms())
                self._changed.notify_all()
        if not self._workers:
            self.run_due()
            while hurry and not self._paused and len(self._queue):
                with self._changed:
                    self._queue.hurry(self._clock.now_ms())
                self.run_due()
            return not len(self._queue)
        with self._changed:
            return self._changed.wait_for(lambda: self._idle(hurry), timeout)

    def _idle(self, hurry: bool) -> bool:
        if hurry and self._queue.next_due() is not None:
            self._queue.hurry(self._clock.now_ms())
            self._changed.notify_all()
        due = self._queue.next_due()
        return not self._in_flight and (due is None or due > self._clock.now_ms())

    def pause(self) -> None:
        """Hold everything back; events queue up."""
        self._paused = True

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def start(self, workers: int = CONCURRENCY) -> None:
        """Deliver in the background with so many threads."""
        self._stopping = False
        for number in range(workers):
            thread = threading.Thread(target=self._work, name=f"delivery-{number}", daemon=True)
            thread.start()
            self._workers.append(thread)

    @property
    def waiting(self) -> int:
        """Attempts not made yet, retries included."""
        return len(self._queue) + len(self._in_flight)

    def disturb(self, **faults: float) -> None:
        """Set shares of mischief (see DeliveryFaults); those not named stay. Raises TypeError for unknown names."""
        self.faults = DeliveryFaults(**{**self.faults.__dict__, **faults})

    @property
    def workers(self) -> int:
        return len(self._workers)

    def stop(self, *, wait: bool = True) -> None:
        """Take no new attempt; one under way may still arrive (its thread is waited for half a second at most)."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._workers if wait else ():
            thread.join(timeout=0.5)
        self._workers.clear()

    def _work(self) -> None:
        while not self._stopping:
            attempt = self._take()
            if attempt is None:
                with self._changed:
                    due = self.next_due()
                    wait = 0.5 if due is None else min(0.5, max(0.0, (due - self._clock.now_ms()) / 1000))
                    if wait and not self._stopping:
                        self._changed.wait(wait)
            else:
                self._perform(attempt)

    def _take(self) -> Attempt | None:
        with self._changed:
            if self._paused or self._stopping:
                return None
            attempt = self._queue.take_due(self._clock.now_ms())
            if attempt is not None:
                self._in_flight[attempt.sequence] = attempt
            return attempt

    def _perform(self, attempt: Attempt) -> None:
        with self._changed:
            workspace = self._workspace_of(attempt.workspace_id)
            webhook = workspace.webhooks.get(attempt.webhook_id) if workspace else None
            if workspace is None or webhook is None or webhook["status"] != 1:
                self._done(attempt)
                return
            headers = self.headers_for(webhook)
            url = webhook["target_hook_url"]
            body = orjson.dumps(attempt.payload)
            began = self._clock.now_ms()
        outcome = self.transport(url, body, headers, self.assumptions.delivery_timeout)
        with self._changed:
            self._record(workspace, webhook, attempt, outcome, self._clock.now_ms() - began)
            self._done(attempt)

    def _done(self, attempt: Attempt) -> None:
        self._in_flight.pop(attempt.sequence, None)
        self._changed.notify_all()

    @staticmethod
    def headers_for(webhook: Row) -> dict[str, str]:
        """axios' headers and the webhook's own; the latter win whatever their case."""
        own = {str(name): str(value) for name, value in (webhook["headers"] or {}).items()}
        taken = {name.lower() for name in own}
        return {**{name: value for name, value in AXIOS_HEADERS.items() if name not in taken}, **own}

    # What is written down

    def _record(self, workspace: Workspace, webhook: Row, attempt: Attempt, outcome: Outcome, elapsed_ms: int) -> None:
        self.figures.attempts += 1
        delays = self.assumptions.retry_delays
        gone = webhook["id"] not in workspace.webhooks or webhook["status"] != 1
        again = not outcome.success and not gone and attempt.retry_count < len(delays)
        next_ms = self._clock.now_ms() + round(delays[attempt.retry_count] * 1000) if again else None
        row = self._log.write(workspace, webhook, attempt.payload, outcome, attempt, next_ms, elapsed_ms)
        self._log.forget_beyond(workspace, self.assumptions.delivery_log_kept)
        if attempt.retry_count and (outcome.success or not again):
            self._log.tell_earlier(workspace, attempt, outcome.success)
        if again and next_ms is not None:
            attempt.logged.append(row["id"])
            retry = Attempt(
                next_ms, 0, workspace.id, webhook["id"], attempt.payload, attempt.group_id, attempt.retry_count + 1
            )
            retry.logged = attempt.logged
            self._queue.put(retry)
        elif outcome.success:
            self.figures.delivered += 1
            self._failures.pop(webhook["id"], None)
        else:
            self.figures.failed += 1
            self._give_up(workspace, webhook)

    def _give_up(self, workspace: Workspace, webhook: Row) -> None:
        failures = self._failures[webhook["id"]] = self._failures.get(webhook["id"], 0) + 1
        if failures < self.assumptions.disable_after_failures or webhook["status"] != 1:
            return
        webhook["status"] = -1
        webhook["timestamp_error"] = iso(self._clock.now_ms())
        for waiting in self._queue.remove_webhook(webhook["id"]):
            self._log.take_back_retry(workspace, waiting)

    def resume_webhook(self, webhook: Row) -> None:
        """Switch a disabled webhook on again. What happened meanwhile is not sent afterwards."""
        webhook["status"] = 1
        webhook["timestamp_error"] = None
        self._failures.pop(webhook["id"], None)

    # Snapshot

    def dump(self) -> dict[str, Any]:
        waiting = Queue()
        waiting.load(self._queue.dump())
        for attempt in self._in_flight.values():  # not known to have arrived: sent again after a restart
            waiting.put(Attempt(**attempt.__dict__))
        return {
            "queue": waiting.dump(),
            "failures": self._failures,
            "figures": self.figures.__dict__,
            "faults": self.faults.__dict__,
            "dice": dump_dice(self._dice),
        }

    def load(self, dumped: dict[str, Any]) -> None:
        self._queue.load(dumped["queue"])
        self._failures = dict(dumped["failures"])
        self.figures = Figures(**dumped["figures"])
        self.faults = DeliveryFaults(**dumped["faults"])
        load_dice(self._dice, dumped["dice"])
