"""Emulated endpoints of subsequences: stored and returned, but never sent to simulated leads."""

from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from ..state.vocabulary import ACTIVE, PAUSED
from . import audit_logs
from .campaign_fields import AUTO_VARIANT, SCHEDULE, SEQUENCES
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .sending_status import describe_status
from .validation import Rule, array, flag, mandatory, number, obj, text, uuid


def find(call: Call) -> Row:
    row = call.workspace.subsequences.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def create(call: Call) -> Row:
    return _add(call, call.body)


def _add(call: Call, given: Row) -> Row:
    """Create a subsequence; without a schedule of its own it inherits its campaign's."""
    parent = call.workspace.campaigns.get(given["parent_campaign"])
    if parent is None:
        raise not_found()
    row = {
        "id": call.new_id(),
        "timestamp_created": iso(call.now_ms),
        "workspace": call.workspace.id,
        "status": ACTIVE,
        "timestamp_leads_updated": iso(call.now_ms),
        "subsequence_schedule": parent["campaign_schedule"],
        "sequences": [],
        "daily_limit_mode": "inherit",
        "daily_limit": None,
        "ignore_account_daily_limit": False,
        **given,
    }
    return call.workspace.subsequences.add(row)


def list_subsequences(call: Call) -> Any:
    parent, other = call.query.get("parent_campaign"), call.query.get("parent_campaign_not")
    wanted = (call.query.get("search") or "").lower()
    return page(
        call,
        call.workspace.subsequences,
        lambda row: (
            parent in (None, row["parent_campaign"])
            and row["parent_campaign"] != other
            and wanted in row["name"].lower()
        ),
    )


def change(call: Call) -> Row:
    row = find(call)
    row.update(call.body)
    audit_logs.log_activity(call, audit_logs.SUBSEQUENCE_UPDATE, subsequence_id=row["id"])
    return row


def delete(call: Call) -> Row:
    return call.workspace.subsequences.remove(find(call)["id"])


def duplicate(call: Call) -> Row:
    source = find(call)
    name = call.body.get("name") or f"{source['name']} (copy)"
    content = {field: source[field] for field in FIELDS if field in source}
    return _add(call, {**content, "name": name, "parent_campaign": call.body["parent_campaign"]})


def pause(call: Call) -> Row:
    return _set_status(call, PAUSED)


def resume(call: Call) -> Row:
    return _set_status(call, ACTIVE)


def _set_status(call: Call, status: int) -> Row:
    row = find(call)
    row["status"] = status
    return row


def analytics(call: Call) -> list[Row]:
    if call.query["campaign_id"] not in call.workspace.campaigns:
        raise not_found()
    rows = (row for row in call.workspace.subsequences if row["parent_campaign"] == call.query["campaign_id"])
    return [{"subsequence_id": row["id"], "emails_sent": 0, "unique_opens": 0, "unique_replies": 0} for row in rows]


def step_analytics(call: Call) -> list[Row]:
    find(call)
    return []


def sending_status(call: Call) -> Row:
    row = find(call)
    status = "campaign_paused" if row["status"] == PAUSED else "waiting_for_leads"
    return describe_status(call, row, status, "subsequence_id")


FIELDS: dict[str, Rule] = {
    "name": text(),
    "conditions": obj(
        {
            "crm_status": array(number(low=-30_000, high=30_000)),
            "lead_activity": array(number(choices=(4, 91, 2))),
            "reply_contains": text(),
        }
    ),
    "subsequence_schedule": SCHEDULE,
    "sequences": SEQUENCES,
    "auto_variant_select": AUTO_VARIANT,
    "daily_limit_mode": text(choices=("inherit", "custom", "unlimited")),
    "daily_limit": number(null=True),
    "ignore_account_daily_limit": flag(),
}
CREATE = obj(
    {
        **FIELDS,
        "parent_campaign": mandatory(uuid()),
        "name": mandatory(FIELDS["name"]),
        "conditions": mandatory(FIELDS["conditions"]),
    }
)
DUPLICATE = obj({"parent_campaign": mandatory(uuid()), "name": text()})
LIST = {**PAGE, "parent_campaign": uuid(), "parent_campaign_not": uuid(), "search": text()}
SUMMARY = {"with_ai_summary": flag()}
DATES = {"start_date": text(), "end_date": text()}
ROUTES = (
    Route("POST", "/subsequences", "subsequences:create", create, body=CREATE, body_required=True),
    Route("GET", "/subsequences", "subsequences:read", list_subsequences, query=LIST),
    Route("POST", "/subsequences/{id}/duplicate", "subsequences:create", duplicate, body=DUPLICATE, body_required=True),
    Route("POST", "/subsequences/{id}/pause", "subsequences:update", pause),
    Route("POST", "/subsequences/{id}/resume", "subsequences:update", resume),
    Route("GET", "/subsequences/analytics", "subsequences:read", analytics, query={"campaign_id": mandatory(uuid())}),
    Route("GET", "/subsequences/{id}", "subsequences:read", find),
    Route("PATCH", "/subsequences/{id}", "subsequences:update", change, body=obj(FIELDS)),
    Route("DELETE", "/subsequences/{id}", "subsequences:delete", delete),
    Route("GET", "/subsequences/{id}/analytics/steps", "subsequences:read", step_analytics, query=DATES),
    Route("GET", "/subsequences/{id}/sending-status", "subsequences:read", sending_status, query=SUMMARY),
)
