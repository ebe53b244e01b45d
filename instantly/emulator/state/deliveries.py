"""State of emulated deliveries: queued attempts, attempts in flight, failure counts, set faults."""

import heapq
import random
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .identifiers import Identifiers, dump_rng, load_rng


@dataclass(order=True)
class Attempt:
    """One POST to make. ``logged`` are the ids of the log rows of earlier attempts of the same delivery."""

    due_ms: int
    sequence: int
    workspace_id: str = field(compare=False)
    webhook_id: str = field(compare=False)
    payload: dict[str, Any] = field(compare=False)
    group_id: str = field(compare=False)
    retry_count: int = field(compare=False, default=0)
    logged: list[str] = field(compare=False, default_factory=list)


@dataclass
class DeliveryFaults:
    """Faults of deliveries in transit, as probabilities: duplicated, delayed so that later deliveries overtake it, lost."""

    duplicates: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    delay_seconds: float = 10.0  # maximum delay of a reordered or duplicated delivery


@dataclass
class DeliveryStats:
    """Totals since the start, reported by the ground truth."""

    attempts: int = 0
    delivered: int = 0
    failed: int = 0
    lost: int = 0


class AttemptQueue:
    """Priority queue of delivery attempts by due time."""

    def __init__(self) -> None:
        self._heap: list[Attempt] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, attempt: Attempt) -> None:
        self._sequence += 1
        attempt.sequence = self._sequence
        heapq.heappush(self._heap, attempt)

    def take_due(self, now_ms: int) -> Attempt | None:
        if self._heap and self._heap[0].due_ms <= now_ms:
            return heapq.heappop(self._heap)
        return None

    def next_due(self) -> int | None:
        return self._heap[0].due_ms if self._heap else None

    def remove_webhook(self, webhook_id: str) -> list[Attempt]:
        """Remove and return the attempts that wait for this webhook."""
        removed = [attempt for attempt in self._heap if attempt.webhook_id == webhook_id]
        if removed:
            self._heap = [attempt for attempt in self._heap if attempt.webhook_id != webhook_id]
            heapq.heapify(self._heap)
        return removed

    def make_all_due(self, now_ms: int) -> None:
        """Make everything due now, including retries; the order stays."""
        for attempt in self._heap:
            attempt.due_ms = min(attempt.due_ms, now_ms)
        heapq.heapify(self._heap)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(attempt) for attempt in self._heap]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        known = {one.name for one in fields(Attempt)}  # older snapshots have a field more
        self._heap = [Attempt(**{name: values[name] for name in values if name in known}) for values in dumped]
        heapq.heapify(self._heap)
        self._sequence = max((attempt.sequence for attempt in self._heap), default=0)


class DeliveryState:
    """Everything known about deliveries. ``changed`` shares the simulation's lock and is notified of new work."""

    def __init__(self, seed: int | str, lock: threading.RLock) -> None:
        self.changed = threading.Condition(lock)
        self.ids = Identifiers(f"{seed}:deliveries")
        self.rng = random.Random(f"{seed}:deliveries")
        self.queue = AttemptQueue()
        self.in_flight: dict[int, Attempt] = {}
        self.failures: dict[str, int] = {}  # webhook id -> consecutive events given up
        self.faults = DeliveryFaults()
        self.stats = DeliveryStats()
        self.paused = False

    @property
    def waiting(self) -> int:
        """Attempts not finished yet, including retries."""
        return len(self.queue) + len(self.in_flight)

    def dump(self) -> dict[str, Any]:
        waiting = AttemptQueue()
        waiting.load(self.queue.dump())
        for attempt in self.in_flight.values():  # arrival unconfirmed: sent again after a restart
            waiting.put(Attempt(**attempt.__dict__))
        return {
            "queue": waiting.dump(),
            "failures": self.failures,
            "figures": self.stats.__dict__,
            "faults": self.faults.__dict__,
            "dice": dump_rng(self.rng),
        }

    def load(self, dumped: dict[str, Any]) -> None:
        self.queue.load(dumped["queue"])
        self.failures = dict(dumped["failures"])
        self.stats = DeliveryStats(**dumped["figures"])
        self.faults = DeliveryFaults(**dumped["faults"])
        load_rng(self.rng, dumped["dice"])
