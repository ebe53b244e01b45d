"""Emulated endpoints of the delivery log: one row per attempt, with the full payload."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..state.tables import Row
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import flag, text

WINDOW = {"from": text(format="date"), "to": text(format="date")}


def _in_window(call: Call) -> Callable[[Row], bool]:
    """Return a filter for log rows of the requested days (inclusive)."""
    first, last = call.query.get("from", ""), call.query.get("to", "9999-12-31")
    return lambda row: first <= row["timestamp_created_date"] <= last


def list_events(call: Call) -> Any:
    in_window, wanted, success = _in_window(call), call.query.get("search"), call.query.get("success")
    return page(
        call,
        call.workspace.webhook_events,
        lambda row: (
            in_window(row)
            and success in (None, row["success"])
            and (not wanted or wanted in (row["webhook_url"], row["lead_email"]))
        ),
    )


def get(call: Call) -> Row:
    row = call.workspace.webhook_events.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def summary(call: Call) -> Row:
    """Return totals and rates of deliveries; rates are percentages, 0 without deliveries."""
    in_window = _in_window(call)
    counts = Counter(row["success"] for row in call.workspace.webhook_events if in_window(row))
    return _stats(counts, failure_rate=True)


def summary_by_date(call: Call) -> Row:
    in_window = _in_window(call)
    days: dict[str, Counter[bool]] = {}
    for row in call.workspace.webhook_events:
        if in_window(row):
            days.setdefault(row["timestamp_created_date"], Counter())[row["success"]] += 1
    return {"items": [{"date": date, **_stats(counts)} for date, counts in sorted(days.items())]}


def _stats(counts: Counter[bool], *, failure_rate: bool = False) -> Row:
    total = counts.total()
    stats: Row = {
        "total_events": total,
        "successful_events": counts[True],
        "failed_events": counts[False],
        "success_rate": _percent(counts[True], total),
    }
    return {**stats, "failure_rate": _percent(counts[False], total)} if failure_rate else stats


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0


ROUTES = (
    Route(
        "GET",
        "/webhook-events",
        "webhook_events:read",
        list_events,
        query={**PAGE, **WINDOW, "success": flag(), "search": text()},
    ),
    Route("GET", "/webhook-events/{id}", "webhook_events:read", get),
    Route("GET", "/webhook-events/summary", None, summary, query=WINDOW),
    Route("GET", "/webhook-events/summary-by-date", None, summary_by_date, query=WINDOW),
)
