"""Agenda: the emulator's priority queue of future actions.

Entries are plain data, so that a snapshot contains them.
"""

import heapq
from collections.abc import Iterator
from typing import Any, NamedTuple


class AgendaEntry(NamedTuple):
    """An entry of the agenda: ``action`` names a function in ``life.reactions.ACTIONS``, ``details`` are its keyword arguments."""

    due_ms: int
    sequence: int
    action: str
    details: dict[str, Any]


class Agenda:
    """Scheduled actions by due time; those due at the same time keep their insertion order."""

    def __init__(self) -> None:
        self._heap: list[AgendaEntry] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, due_ms: int, action: str, **details: Any) -> None:
        self._sequence += 1
        heapq.heappush(self._heap, AgendaEntry(due_ms, self._sequence, action, details))

    def next_due(self) -> int | None:
        return self._heap[0].due_ms if self._heap else None

    def take_due(self, now_ms: int) -> AgendaEntry | None:
        """Remove and return the earliest entry that is due."""
        if self._heap and self._heap[0].due_ms <= now_ms:
            return heapq.heappop(self._heap)
        return None

    def remove(self, action: str) -> None:
        """Remove every entry of one action."""
        self._heap = [entry for entry in self._heap if entry.action != action]
        heapq.heapify(self._heap)

    def shift(self, ms: int) -> None:
        """Postpone all entries, for example by the time the emulator was not running."""
        self._heap = [entry._replace(due_ms=entry.due_ms + ms) for entry in self._heap]

    def __iter__(self) -> Iterator[AgendaEntry]:
        return iter(sorted(self._heap))

    def dump(self) -> list[list[Any]]:
        return [list(entry) for entry in self._heap]

    def load(self, dumped: list[list[Any]]) -> None:
        self._heap = [AgendaEntry(*values) for values in dumped]
        heapq.heapify(self._heap)
        self._sequence = max((entry.sequence for entry in self._heap), default=0)
