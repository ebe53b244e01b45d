"""Ordered in-memory tables of the emulator: lookup by key, fixed order, cursors for pagination.

Rows are dictionaries in the API's response shape, so a response is the row itself and a snapshot is the list of rows.
Change a row by replacing values, never by mutating a nested one: demo rows share their nested parts.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Position = tuple[str, str]


class Table:
    """An ordered collection of rows of one kind, with look-up by key.

    ``key`` names the lookup field, ``order`` the sort field (ties by key). The position of a removed row is remembered,
    so that a cursor that names it remains valid.
    """

    def __init__(self, key: str = "id", order: str = "timestamp_created") -> None:
        self.key = key
        self.order = order
        self._rows: dict[str, Row] = {}
        self._positions: list[Position] = []
        self._removed: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Row]:
        return iter(list(self._rows.values()))

    def get(self, key: str) -> Row | None:
        return self._rows.get(key)

    def add(self, row: Row) -> Row:
        key = row[self.key]
        if key in self._rows:
            raise ValueError(f"{key} exists already")
        self._rows[key] = row
        position = (str(row[self.order]), key)
        if not self._positions or self._positions[-1] < position:
            self._positions.append(position)
        else:
            insort(self._positions, position)
        return row

    def remove(self, key: str) -> Row:
        row = self._rows.pop(key)
        order = str(row[self.order])
        del self._positions[bisect_left(self._positions, (order, key))]
        self._removed[key] = order
        return row

    def forget_oldest(self, keep: int) -> None:
        """Drop the oldest rows beyond ``keep`` (retention), without remembering their positions."""
        if len(self._positions) > keep:
            surplus = len(self._positions) - keep
            for _, key in self._positions[:surplus]:
                del self._rows[key]
            del self._positions[:surplus]

    def position_of(self, key: str) -> Position | None:
        """The position of this key, also after its row was removed."""
        row = self._rows.get(key)
        order = str(row[self.order]) if row is not None else self._removed.get(key)
        return None if order is None else (order, key)

    def walk(
        self, *, newest_first: bool, after: Position | None = None, keep: Callable[[Row], bool] | None = None
    ) -> Iterator[Row]:
        """Rows in order, starting after the position ``after``, filtered by ``keep``."""
        if newest_first:
            start = len(self._positions) if after is None else bisect_left(self._positions, after)
            indexes = range(start - 1, -1, -1)
        else:
            start = 0 if after is None else bisect_right(self._positions, after)
            indexes = range(start, len(self._positions))
        for index in indexes:
            row = self._rows[self._positions[index][1]]
            if keep is None or keep(row):
                yield row

    def dump(self) -> dict[str, Any]:
        return {"rows": list(self._rows.values()), "gone": self._removed}

    def load(self, dumped: dict[str, Any]) -> None:
        self._rows = {row[self.key]: row for row in dumped["rows"]}
        self._positions = sorted((str(row[self.order]), key) for key, row in self._rows.items())
        self._removed = dict(dumped["gone"])
