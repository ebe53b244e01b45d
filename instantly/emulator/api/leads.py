"""Emulated lead endpoints: list, create, change, delete, merge, assign.

One address in two campaigns is two leads.
"""

from typing import Any

from .. import event_recorder
from ..life.sequences import add_to_sequence, remove_from_sequence
from ..state import rows
from ..state.identifiers import stable_number
from ..state.rows import lead_variables, update_row
from ..state.tables import Row
from ..state.vocabulary import INTEREST_VALUES, LEAD_STATUSES
from ..state.workspaces import SendingState, Workspace
from ..wire import Refusal
from . import audit_logs
from .errors import bad_request, not_found
from .lead_filters import SELECTION, SELECTION_OPTIONS, lead_filter
from .pagination import page, page_of_rows
from .routing import Call, Result, Route
from .validation import EMAIL, Rule, array, flag, integer, mandatory, number, obj, text, uuid

OWN_FIELDS = ("first_name", "last_name", "company_name", "job_title", "website", "phone", "personalization")


def find(call: Call, id: str) -> Row:
    row = call.workspace.leads.get(id)
    if row is None:
        raise not_found()
    return row


def get(call: Call) -> Row:
    return find(call, call.params["id"])


def list_leads(call: Call) -> Any:
    """List leads sorted by id, unlike other lists; with ``distinct_contacts`` one lead per address, sorted by address."""
    chosen = lead_filter(call, call.body)
    if not call.body.get("distinct_contacts"):
        return page(call, call.workspace.leads, chosen, newest_first=False)
    after = call.body.get("starting_after") or ""
    contacts: dict[str, Row] = {}
    for row in call.workspace.leads.walk(newest_first=False, keep=chosen):
        if (row["email"] or "") > after:
            contacts.setdefault(row["email"], row)
    return page_of_rows(call, (contacts[email] for email in sorted(contacts)), lambda row: str(row["email"]))


def create(call: Call) -> Row:
    """Create a lead in a campaign, a list or both. A campaign's lead needs an address."""
    given = {**call.body}
    campaign, list_id = given.get("campaign"), given.get("list_id")
    _require_target(call.workspace, campaign, list_id)
    email = given.get("email")
    if campaign and not email:
        raise bad_request("Email is required for leads in a campaign")
    if email is not None and not EMAIL.match(email):
        raise bad_request("Invalid email")
    if email and (known := find_duplicate(call.workspace, given)) is not None:
        return known
    return add(call, given)


def add(call: Call, given: Row) -> Row:
    """Add a new lead to the workspace and, if it has one, to the campaign's sequence."""
    given = {name: value for name, value in given.items() if name not in OPTIONS}
    email = given.pop("email", None)
    lead = rows.lead(call.new_id(), email, call.workspace.id, call.now_ms, uploaded_by_user=call.user_id, **given)
    if email:
        lead["verification_status"] = 1
        lead["esp_code"] = (1, 2, 999)[stable_number(3, email.rpartition("@")[2])]
    call.workspace.leads.add(lead)
    if lead["campaign"]:
        add_to_sequence(call.workspace, lead)
    audit_logs.log_activity(call, audit_logs.LEAD_ADDED, 1, campaign_id=lead["campaign"], list_id=lead["list_id"])
    return lead


def find_duplicate(workspace: Workspace, given: Row) -> Row | None:
    """Return an existing lead with this address in the same campaign or list, or where the options say to look."""
    email = (given.get("email") or "").lower()
    for row in workspace.leads:
        if (row["email"] or "").lower() != email:
            continue
        same_place = any(given.get(place) and row[place] == given[place] for place in ("campaign", "list_id"))
        if (
            same_place
            or given.get("skip_if_in_workspace")
            or (given.get("skip_if_in_campaign") and row["campaign"])
            or (given.get("skip_if_in_list") and row["list_id"])
        ):
            return row
    return None


def change(call: Call) -> Row:
    """Change a lead (PATCH); ``custom_variables`` replace the existing ones. A new interest status is also delivered to webhooks."""
    row = find(call, call.params["id"])
    given = {**call.body}
    custom = given.pop("custom_variables", None)
    interest = given.pop("lt_interest_status", None)
    if custom is None:
        known = set(lead_variables(row, {}))
        custom = {name: value for name, value in (row["payload"] or {}).items() if name not in known}
    update_row(row, call.now_ms, **given)
    row["payload"] = lead_variables(row, custom)
    if interest is not None:
        event_recorder.change_interest(call.simulation, call.workspace, row, interest)
    return row


def delete(call: Call) -> Row:
    row = remove(call.workspace, find(call, call.params["id"]))
    audit_logs.log_activity(call, audit_logs.LEAD_DELETION, 1, campaign_id=row["campaign"])
    return row


def remove(workspace: Workspace, row: Row) -> Row:
    remove_from_sequence(workspace, row)
    workspace.threads.pop(row["id"], None)
    return workspace.leads.remove(row["id"])


def delete_many(call: Call) -> Row:
    body = call.body
    if ("campaign_id" in body) == ("list_id" in body):
        raise bad_request("body must have exactly one of campaign_id and list_id")
    place = ("campaign", body["campaign_id"]) if "campaign_id" in body else ("list_id", body["list_id"])
    ids = set(body["ids"]) if body.get("ids") else None

    def matches(row: Row) -> bool:
        wanted = row[place[0]] == place[1] and row["status"] == body.get("status", row["status"])
        return wanted and (ids is None or row["id"] in ids)

    selected = list(call.workspace.leads.walk(newest_first=False, keep=matches))[: body.get("limit")]
    for row in selected:
        remove(call.workspace, row)
    audit_logs.log_activity(call, audit_logs.LEAD_DELETION, len(selected))
    return {"count": len(selected)}


def merge(call: Call) -> Row:
    """Merge the first lead into the second, which keeps its own values; the first is deleted."""
    source, target = find(call, call.body["lead_id"]), find(call, call.body["destination_lead_id"])
    if source is target:
        raise bad_request("A lead cannot be merged into itself")
    for field in OWN_FIELDS:
        target[field] = target[field] or source[field]
    target["payload"] = {**(source["payload"] or {}), **(target["payload"] or {})}
    remove(call.workspace, source)
    audit_logs.log_activity(call, audit_logs.LEAD_MERGED, 2)
    return update_row(target, call.now_ms)


def update_interest(call: Call) -> Result:
    """Set the status by address; returns 202. Without a campaign or list it applies to all leads of the address."""
    body = call.body
    email = body["lead_email"].lower()
    found = [
        row
        for row in call.workspace.leads
        if (row["email"] or "").lower() == email
        and row["campaign"] == (body.get("campaign_id") or row["campaign"])
        and row["list_id"] == (body.get("list_id") or row["list_id"])
    ]
    if not found:
        raise Refusal(400, "", body={"error": "Invalid lead email"})
    for row in found:
        event_recorder.change_interest(call.simulation, call.workspace, row, body["interest_value"])
    return Result({"message": "Lead interest status update background job submitted"}, status=202)


def bulk_assign(call: Call) -> Result:
    chosen = lead_filter(call, {**call.body, "organization_user_ids": None})
    users = call.body["organization_user_ids"]
    selected = list(call.workspace.leads.walk(newest_first=False, keep=chosen))[: call.body.get("limit") or None]
    for place, row in enumerate(selected):
        update_row(row, call.now_ms, assigned_to=users[place % len(users)])
    return Result({"status": "success", "message": f"{len(selected)} leads are being assigned"}, status=202)


def move_to_subsequence(call: Call) -> Row:
    if call.body["subsequence_id"] not in call.workspace.subsequences:
        raise not_found()
    row = find(call, call.body["id"])
    return update_row(row, call.now_ms, subsequence_id=call.body["subsequence_id"])


def leave_subsequence(call: Call) -> Row:
    return update_row(find(call, call.body["id"]), call.now_ms, subsequence_id=None, timestamp_added_subsequence=None)


def _require_target(workspace: Workspace, campaign: str | None, list_id: str | None) -> None:
    if campaign and campaign not in workspace.campaigns:
        raise not_found("Campaign not found")
    if list_id and list_id not in workspace.lead_lists:
        raise not_found("List not found")
    if campaign:
        workspace.sending.setdefault(campaign, SendingState())


OPTIONS = {
    "skip_if_in_workspace",
    "skip_if_in_campaign",
    "skip_if_in_list",
    "blocklist_id",
    "verify_leads_for_lead_finder",
    "verify_leads_on_import",
}
VARIABLE = Rule("any")
LEAD: dict[str, Rule] = {
    "email": text(null=True),
    **{field: text(null=True) for field in OWN_FIELDS},
    "lt_interest_status": number(choices=INTEREST_VALUES),
    "pl_value_lead": text(null=True),
    "assigned_to": uuid(null=True),
    "custom_variables": obj(each=VARIABLE),
}
SKIPS: dict[str, Rule] = {name: flag() for name in sorted(OPTIONS - {"blocklist_id"})}
CREATE = obj({**LEAD, "campaign": uuid(null=True), "list_id": uuid(null=True), "blocklist_id": uuid(), **SKIPS})
CHANGE = obj({name: rule for name, rule in LEAD.items() if name != "email"})
LIST = obj(
    {
        **SELECTION,
        **SELECTION_OPTIONS,
        "limit": integer(low=1),
        "starting_after": text(),
        "organization_user_ids": array(uuid()),
        "smart_view_id": uuid(),
        "is_website_visitor": flag(),
        "distinct_contacts": flag(),
        "enrichment_status": number(choices=(1, -1, 11, -2)),
    }
)
DELETE = obj(
    {
        "campaign_id": uuid(),
        "list_id": uuid(),
        "status": number(choices=LEAD_STATUSES),
        "ids": array(uuid()),
        "limit": integer(low=1, high=10_000),
    }
)
INTEREST = obj(
    {
        "lead_email": text(required=True),
        "interest_value": number(required=True, null=True),
        "campaign_id": text(),
        "ai_interest_value": number(),
        "disable_auto_interest": flag(),
        "list_id": text(),
    }
)
MERGE = obj({"lead_id": mandatory(uuid()), "destination_lead_id": mandatory(uuid())})
ASSIGN = obj(
    {
        **SELECTION,
        "organization_user_ids": array(uuid(), required=True, at_least=1),
        "smart_view_id": uuid(),
        "limit": integer(low=0),
        "assigned_to": uuid(),
        "has_clause": flag(),
    }
)

ROUTES = (
    Route("POST", "/leads", "leads:create", create, body=CREATE, body_required=True),
    Route("DELETE", "/leads", "leads:delete", delete_many, body=DELETE, body_required=True),
    Route("POST", "/leads/list", "leads:read", list_leads, body=LIST),
    Route("GET", "/leads/{id}", "leads:read", get),
    Route("PATCH", "/leads/{id}", "leads:update", change, body=CHANGE),
    Route("DELETE", "/leads/{id}", "leads:delete", delete),
    Route("POST", "/leads/merge", "leads:update", merge, body=MERGE, body_required=True),
    Route("POST", "/leads/update-interest-status", None, update_interest, body=INTEREST, body_required=True),
    Route("POST", "/leads/bulk-assign", None, bulk_assign, body=ASSIGN, body_required=True),
    Route(
        "POST",
        "/leads/subsequence/move",
        "leads:update",
        move_to_subsequence,
        body=obj({"subsequence_id": mandatory(uuid()), "id": mandatory(uuid())}),
        body_required=True,
    ),
    Route(
        "POST",
        "/leads/subsequence/remove",
        "leads:update",
        leave_subsequence,
        body=obj({"id": mandatory(uuid())}),
        body_required=True,
    ),
)
