"""Emulated audit log of Instantly: GET /audit-logs, and the function that adds entries."""

from typing import Any

from ..state.clock import iso, parse_instant
from .errors import bad_request
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import number, text

LEAD_DELETION, CAMPAIGN_DELETION, CAMPAIGN_LAUNCH, CAMPAIGN_PAUSE = 2, 3, 4, 5
ACCOUNT_ADDITION, ACCOUNT_DELETION, LEAD_MOVED, LEAD_ADDED, LEAD_MERGED = 6, 7, 8, 9, 10
CAMPAIGN_UPDATE, SUBSEQUENCE_UPDATE, WEBHOOK_CREATED, WEBHOOK_UPDATED, WEBHOOK_RESUMED = 11, 12, 18, 19, 21
ACCOUNT_UPDATE, KEY_CREATED, KEY_DELETED = 36, 37, 38
MAX_ENTRIES = 5_000


def log_activity(call: Call, activity_type: int, affected_count: int | None = None, **about: str | None) -> None:
    """Add an entry; ``about`` are the ``…_id`` fields of the objects it concerns."""
    log = call.workspace.audit_logs
    log.add(
        {
            "id": call.new_id(),
            "timestamp": iso(call.now_ms),
            "organization_id": call.workspace.id,
            "activity_type": activity_type,
            "user_agent": call.user_agent,
            "user_id": call.user_id,
            "ip_address": "127.0.0.1",
            "from_api": True,
            "api_key_id": call.key["id"],
            "affected_count": affected_count,
            "campaign_id": None,
            "webhook_id": None,
            "subsequence_id": None,
            "list_id": None,
            "audit_metadata": {},
            "user_name": "API",
            **about,
        }
    )
    log.forget_oldest(MAX_ENTRIES)


def list_logs(call: Call) -> Any:
    query = call.query
    try:
        start = parse_instant(query["start_date"]) if query.get("start_date") else None
        end = parse_instant(query["end_date"]) if query.get("end_date") else None
    except ValueError:
        raise bad_request("querystring/start_date and end_date must be dates") from None
    wanted = (query.get("search") or "").lower()

    def keep(row: dict[str, Any]) -> bool:
        moment = parse_instant(row["timestamp"])
        return (
            row["activity_type"] == query.get("activity_type", row["activity_type"])
            and (start is None or moment >= start)
            and (end is None or moment <= end)
            and any(wanted in str(value).lower() for value in row.values())
        )

    return page(call, call.workspace.audit_logs, keep, limit_allowed=1000)


ROUTES = (
    Route(
        "GET",
        "/audit-logs",
        "audit_logs:read",
        list_logs,
        query={**PAGE, "activity_type": number(), "search": text(), "start_date": text(), "end_date": text()},
    ),
)
