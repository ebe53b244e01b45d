"""Keyset pagination of the emulated list endpoints: limit, cursor, page."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from ..state.tables import Position, Row, Table
from .errors import bad_request
from .routing import Call
from .validation import Rule, integer, text

PAGE: dict[str, Rule] = {"limit": integer(low=1), "starting_after": text()}


def page(
    call: Call,
    table: Table,
    keep: Callable[[Row], bool] | None = None,
    *,
    newest_first: bool | None = None,
    show: Callable[[Row], Row] | None = None,
    cursor: Callable[[Row], str] | None = None,
    find: Callable[[str], Position | None] | None = None,
    limit_allowed: int = 100,
) -> dict[str, Any]:
    """Return one page of a table in the API's shape: ``{"items", "next_starting_after"?}``.

    ``cursor`` returns the cursor of a row (default: its key), ``find`` the position of a cursor in the table. Raises
    Refusal (400) for an invalid cursor.
    """
    given = {**call.query, **call.body}
    limit = page_size(call, given.get("limit"), limit_allowed)
    if limit == 0:
        return {"items": []}
    if newest_first is None:
        newest_first = call.simulation.assumptions.newest_first
    after = _position(table, given.get("starting_after"), find)
    rows = list(islice(table.walk(newest_first=newest_first, after=after, keep=keep), limit + 1))
    return build_page(call, rows, limit, cursor or (lambda row: str(row[table.key])), show)


def page_of_rows(
    call: Call, rows: Iterator[Row], cursor: Callable[[Row], str], show: Callable[[Row], Row] | None = None
) -> dict[str, Any]:
    """Return one page of rows that are already sorted and start after the cursor."""
    limit = page_size(call, {**call.query, **call.body}.get("limit"), 100)
    return {"items": []} if limit == 0 else build_page(call, list(islice(rows, limit + 1)), limit, cursor, show)


def build_page(
    call: Call, rows: list[Row], limit: int, cursor: Callable[[Row], str], show: Callable[[Row], Row] | None
) -> dict[str, Any]:
    more = len(rows) > limit or (len(rows) == limit and call.simulation.assumptions.cursor_on_last_full_page)
    rows = rows[:limit]
    result: dict[str, Any] = {"items": [show(row) for row in rows] if show else rows}
    if more and rows:
        result["next_starting_after"] = cursor(rows[-1])
    return result


def page_size(call: Call, limit: int | None, allowed: int) -> int:
    """Return the requested number of rows per page; 0 where the live service was seen to return an empty list."""
    if limit is None:
        return call.simulation.assumptions.default_page
    if limit <= allowed:
        return limit
    if call.simulation.assumptions.page_over_100 == "reject":
        raise bad_request(f"querystring/limit must be <= {allowed}")
    return allowed if call.simulation.assumptions.page_over_100 == "clamp" else 0


def _position(table: Table, cursor: str | None, find: Callable[[str], Position | None] | None) -> Position | None:
    if not cursor:
        return None
    position = (find or table.position_of)(cursor)
    if position is None:
        raise bad_request("Invalid starting_after")
    return position


def split_values(values: str | None) -> list[str]:
    """Return the comma-separated values of one parameter as a list."""
    return [value.strip() for value in (values or "").split(",") if value.strip()]
