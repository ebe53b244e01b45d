"""Emulated campaign endpoints: list, create, change, activate, pause, duplicate, share, delete."""

from typing import Any

from ..life import campaign_status, schedule
from ..state import rows
from ..state.rows import update_row
from ..state.tables import Row
from ..state.vocabulary import ACTIVE, CAMPAIGN_STATUSES, DRAFT, PAUSED
from ..state.workspaces import SendingState
from ..wire import Refusal
from . import audit_logs
from .campaign_fields import SETTABLE
from .errors import not_found
from .pagination import PAGE, page, split_values
from .routing import Call, Result, Route
from .tag_lookup import resources_with_any
from .validation import array, mandatory, number, obj, text, uuid

STATUS = number(choices=tuple(CAMPAIGN_STATUSES))


def find(call: Call, id: str) -> Row:
    """Return the campaign of this id in the call's workspace. Raises Refusal (404), also for one of another workspace."""
    row = call.workspace.campaigns.get(id)
    if row is None:
        raise not_found()
    return row


def list_campaigns(call: Call) -> Any:
    query = call.query
    wanted = (query.get("search") or "").lower()
    tagged = resources_with_any(call.workspace, split_values(query["tag_ids"])) if query.get("tag_ids") else None

    def keep(row: Row) -> bool:
        return (
            wanted in row["name"].lower()
            and row["status"] == query.get("status", row["status"])
            and row["status"] != query.get("exclude_status")
            and (tagged is None or row["id"] in tagged)
            and row["ai_sdr_id"] == query.get("ai_sales_agent_id", row["ai_sdr_id"])
        )

    return page(call, call.workspace.campaigns, keep)


def create(call: Call) -> Row:
    """Create a draft. Seen live: accounts given here are ignored; PATCH sets them."""
    given = {**call.body}
    given.pop("email_list", None)
    return add(call, given)


def add(call: Call, given: Row) -> Row:
    id = call.new_id()
    given = {"owned_by": call.user_id, **given}
    name = given.pop("name")
    row = rows.campaign(id, name, call.workspace.id, call.user_id, call.now_ms, **given)
    call.workspace.campaigns.add(row)
    call.workspace.sending[id] = SendingState()
    call.workspace.campaigns_changed()
    return row


def get(call: Call) -> Row:
    return find(call, call.params["id"])


def change(call: Call) -> Row:
    row = find(call, call.params["id"])
    audit_logs.log_activity(call, audit_logs.CAMPAIGN_UPDATE, campaign_id=row["id"])
    return update_row(row, call.now_ms, **call.body)


def delete(call: Call) -> Row:
    """Delete the campaign and its leads; its events stay in the journal."""
    row = find(call, call.params["id"])
    space = call.workspace
    for lead in [lead for lead in space.leads if lead["campaign"] == row["id"]]:
        space.leads.remove(lead["id"])
        space.threads.pop(lead["id"], None)
    space.sending.pop(row["id"], None)
    space.campaigns.remove(row["id"])
    space.campaigns_changed()
    audit_logs.log_activity(call, audit_logs.CAMPAIGN_DELETION, campaign_id=row["id"])
    return row


def activate(call: Call) -> Row:
    return _set_status(call, ACTIVE, audit_logs.CAMPAIGN_LAUNCH)


def pause(call: Call) -> Row:
    return _set_status(call, PAUSED, audit_logs.CAMPAIGN_PAUSE)


def _set_status(call: Call, status: int, activity: int) -> Row:
    row = call.workspace.campaigns.get(call.params["id"])
    if row is None:  # documented: status 400 with the envelope of a 404
        raise Refusal(400, "", body={"statusCode": 404, "error": "Not Found", "message": "Campaign not found"})
    campaign_status.set_status(call.simulation, call.workspace, row, status)
    schedule.set_reason(row, None)
    audit_logs.log_activity(call, activity, campaign_id=row["id"])
    return row


def duplicate(call: Call) -> Row:
    """Create a draft with the same content and another name; leads are not copied."""
    source = find(call, call.params["id"])
    return _copy(call, source, call.body.get("name") or f"{source['name']} (copy)")


def _copy(call: Call, source: Row, name: str) -> Row:
    content = {field: source[field] for field in SETTABLE if field in source}
    return add(call, {**content, "name": name, "status": DRAFT})


def share(call: Call) -> Result:
    row = find(call, call.params["id"])
    call.workspace.exported[row["id"]] = row
    return Result(status=204)


def from_export(call: Call) -> Row:
    """Copy a campaign that any workspace has shared. Raises Refusal (403) if it is not shared."""
    for space in call.simulation.workspaces.values():
        if source := space.exported.get(call.params["id"]):
            return _copy(call, source, source["name"])
    raise Refusal(403, "", body={"message": "Campaign is not shared"})


def export(call: Call) -> Row:
    return find(call, call.params["id"])


def count_launched(call: Call) -> Row:
    return {"count": sum(1 for row in call.workspace.campaigns if row["status"] != DRAFT)}


def add_variables(call: Call) -> Row:
    row = find(call, call.params["id"])
    known = {**(row["custom_variables"] or {})}
    known.update({name: "" for name in call.body["variables"] if name not in known})
    return update_row(row, call.now_ms, custom_variables=known)


def search_by_contact(call: Call) -> Row:
    """Return the campaigns that contain an address, sorted; not paginated."""
    address = (call.query.get("search") or "").lower()
    ids = {lead["campaign"] for lead in call.workspace.leads if (lead["email"] or "").lower() == address}
    found = [row for row in call.workspace.campaigns if row["id"] in ids]
    column = call.query.get("sort_column", "timestamp_created")
    found.sort(key=lambda row: str(row.get(column)), reverse=call.query.get("sort_order") == "desc")
    return {"items": found}


LIST = {
    **PAGE,
    "search": text(),
    "tag_ids": text(),
    "ai_sales_agent_id": uuid(),
    "status": STATUS,
    "exclude_status": STATUS,
}
CREATE = obj(
    {
        **SETTABLE,
        "name": mandatory(SETTABLE["name"]),
        "campaign_schedule": mandatory(SETTABLE["campaign_schedule"]),
        "ai_sdr_id": uuid(null=True),
    }
)
CONTACT = {"search": text(), "sort_column": text(), "sort_order": text(choices=("asc", "desc"))}
VARIABLES = obj({"variables": array(text(), required=True)})

ROUTES = (
    Route("POST", "/campaigns", "campaigns:create", create, body=CREATE, body_required=True),
    Route("GET", "/campaigns", "campaigns:read", list_campaigns, query=LIST),
    Route("POST", "/campaigns/{id}/activate", "campaigns:update", activate),
    Route("POST", "/campaigns/{id}/pause", "campaigns:update", pause),
    Route("GET", "/campaigns/{id}", "campaigns:read", get),
    Route("PATCH", "/campaigns/{id}", "campaigns:update", change, body=obj(SETTABLE)),
    Route("DELETE", "/campaigns/{id}", "campaigns:delete", delete),
    Route("GET", "/campaigns/search-by-contact", "campaigns:read", search_by_contact, query=CONTACT),
    Route("POST", "/campaigns/{id}/share", None, share),
    Route("POST", "/campaigns/{id}/from-export", "campaigns:create", from_export),
    Route("POST", "/campaigns/{id}/export", "campaigns:read", export),
    Route("POST", "/campaigns/{id}/duplicate", "campaigns:create", duplicate, body=obj({"name": text()})),
    Route("GET", "/campaigns/count-launched", "campaigns:read", count_launched),
    Route("POST", "/campaigns/{id}/variables", "campaigns:update", add_variables, body=VARIABLES, body_required=True),
)
