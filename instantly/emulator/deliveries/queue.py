"""Attempts waiting for their time, and the rules of retrying and giving up."""

import heapq
import random
from dataclasses import asdict, dataclass, field
from typing import Any

from ..state.tables import Row
from ..state.vocabulary import ALL_EVENTS, EVENTS


@dataclass(order=True)
class Attempt:
    """One POST to come. ``logged`` are the ids of the log rows of earlier attempts of the same delivery."""

    due_ms: int
    sequence: int
    workspace_id: str = field(compare=False)
    webhook_id: str = field(compare=False)
    payload: dict[str, Any] = field(compare=False)
    group_id: str = field(compare=False)
    retry_count: int = field(compare=False, default=0)
    logged: list[str] = field(compare=False, default_factory=list)
    hurried: bool = field(compare=False, default=False)


@dataclass
class DeliveryFaults:
    """Mischief on the way, each a share from 0 to 1: sent twice, held back so that later ones overtake it, lost."""

    duplicates: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    delay_seconds: float = 10.0  # how far back a held or doubled one comes, at most


class Queue:
    """Attempts by due time."""

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
        """Take away what still waits for this webhook."""
        gone = [attempt for attempt in self._heap if attempt.webhook_id == webhook_id]
        if gone:
            self._heap = [attempt for attempt in self._heap if attempt.webhook_id != webhook_id]
            heapq.heapify(self._heap)
        return gone

    def hurry(self, now_ms: int) -> None:
        """Make everything due now, also retries; the order stays."""
        for attempt in self._heap:
            attempt.due_ms = min(attempt.due_ms, now_ms)
        heapq.heapify(self._heap)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(attempt) for attempt in self._heap]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        self._heap = [Attempt(**values) for values in dumped]
        heapq.heapify(self._heap)
        self._sequence = max((attempt.sequence for attempt in self._heap), default=0)


def wants(webhook: Row, event_type: str, campaign_id: str | None, interest_value: float | None) -> bool:
    """Whether a subscription asks for this event.

    ``all_events`` takes everything; a name takes its event (``email_link_clicked`` takes ``link_clicked``); without a
    name, ``custom_interest_value`` takes the custom label of that number. A campaign narrows it further.
    """
    if webhook["campaign"] is not None and webhook["campaign"] != campaign_id:
        return False
    subscribed = webhook.get("event_type")
    if subscribed == ALL_EVENTS:
        return True
    if subscribed is None:
        return webhook["custom_interest_value"] is not None and webhook["custom_interest_value"] == interest_value
    return event_type in EVENTS and EVENTS[event_type][0] == subscribed


def mischief(faults: DeliveryFaults, dice: random.Random) -> tuple[bool, list[int]]:
    """(lost?, how many ms each copy is late): ``[0]`` for an undisturbed one."""
    if faults.drop and dice.random() < faults.drop:
        return True, []
    late = [0]
    if faults.reorder and dice.random() < faults.reorder:
        late = [round(dice.random() * faults.delay_seconds * 1000)]
    if faults.duplicates and dice.random() < faults.duplicates:
        late.append(round(dice.random() * faults.delay_seconds * 1000))
    return False, late
