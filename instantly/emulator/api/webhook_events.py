"""The log of deliveries: one row an attempt, with the whole body."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from ..state.tables import Row
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import flag, text

WINDOW = {"from": text(format="date"), "to": text(format="date")}


def _within(call: Call) -> Callable[[Row], bool]:
    """Days asked for, both included."""
    first, last = call.query.get("from", ""), call.query.get("to", "9999-12-31")
    return lambda row: first <= row["timestamp_created_date"] <= last


def list_events(call: Call) -> Any:
    within, wanted, success = _within(call), call.query.get("search"), call.query.get("success")
    return page(
        call,
        call.workspace.webhook_events,
        lambda row: (
            within(row)
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
    """Rates are percentages, 0 when there was nothing."""
    within = _within(call)
    counts = Counter(row["success"] for row in call.workspace.webhook_events if within(row))
    return _figures(counts, failure_rate=True)


def summary_by_date(call: Call) -> Row:
    within = _within(call)
    days: dict[str, Counter[bool]] = {}
    for row in call.workspace.webhook_events:
        if within(row):
            days.setdefault(row["timestamp_created_date"], Counter())[row["success"]] += 1
    return {"items": [{"date": date, **_figures(counts)} for date, counts in sorted(days.items())]}


def _figures(counts: Counter[bool], *, failure_rate: bool = False) -> Row:
    total = counts.total()
    figures: Row = {
        "total_events": total,
        "successful_events": counts[True],
        "failed_events": counts[False],
        "success_rate": _percent(counts[True], total),
    }
    return {**figures, "failure_rate": _percent(counts[False], total)} if failure_rate else figures


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
