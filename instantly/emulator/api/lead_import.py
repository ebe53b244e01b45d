"""Emulated bulk operations on leads: POST /leads/add and POST /leads/move."""

from collections.abc import Iterable
from typing import Any

from ..life.sequences import add_to_sequence, remove_from_sequence
from ..state.rows import update_row
from ..state.tables import Row
from ..state.workspaces import SendingState, Workspace
from . import audit_logs, billing
from .background_jobs import start_job
from .errors import bad_request, not_found
from .lead_filters import SELECTION, SELECTION_OPTIONS, lead_filter
from .leads import LEAD, add
from .routing import Call, Route
from .validation import EMAIL, array, flag, number, obj, uuid

ESPS = (0, 1, 2, 3, 8, 9, 10, 12, 13, 999, 1000)


class AddressIndex:
    """Index of a workspace's addresses, so that adding many leads takes one pass over the existing ones."""

    def __init__(self, workspace: Workspace, place: tuple[str, str]) -> None:
        self.in_target: set[str] = set()
        self.in_workspace: set[str] = set()
        self.in_campaigns: set[str] = set()
        self.in_lists: set[str] = set()
        for row in workspace.leads:
            email = (row["email"] or "").lower()
            self.in_workspace.add(email)
            if row["campaign"]:
                self.in_campaigns.add(email)
            if row["list_id"]:
                self.in_lists.add(email)
            if row[place[0]] == place[1]:
                self.in_target.add(email)
        self.blocked = {row["bl_value"].lower() for row in workspace.block_list}

    def is_blocked(self, email: str) -> bool:
        return email in self.blocked or email.rpartition("@")[2] in self.blocked


def add_many(call: Call) -> Row:
    """Add up to 1,000 leads to one campaign or list; the counts give the reasons for skipped leads."""
    body = call.body
    place = _place(call)
    index = AddressIndex(call.workspace, place)
    counts = dict.fromkeys(
        ("in_blocklist", "duplicated_leads", "skipped_count", "invalid_email_count", "incomplete_count"), 0
    )
    counts["duplicate_email_count"] = 0
    created: list[Row] = []
    seen: set[str] = set()
    for position, given in enumerate(body["leads"]):
        reason = _skip_reason(given, place, index, seen, body)
        if reason:
            counts[reason] += 1
            continue
        if given.get("email"):
            seen.add(given["email"].lower())
        assigned = {"assigned_to": body["assigned_to"]} if body.get("assigned_to") else {}
        lead = add(call, {**assigned, **given, place[0]: place[1]})
        shown = {name: lead[name] for name in ("email", "first_name", "last_name", "phone")}
        created.append({"index": position, "id": lead["id"], **shown})
    return {
        "status": "success",
        "total_sent": len(body["leads"]),
        "leads_uploaded": len(created),
        **counts,
        "blocklist_used": body.get("blocklist_id"),
        "remaining_in_plan": billing.remaining_leads(call) if place[0] == "campaign" else None,
        "created_leads": created,
    }


def _place(call: Call) -> tuple[str, str]:
    campaign, list_id = call.body.get("campaign_id"), call.body.get("list_id")
    if (campaign is None) == (list_id is None):
        raise bad_request("Either campaign_id or list_id must be provided, but not both")
    if campaign is not None:
        if campaign not in call.workspace.campaigns:
            raise not_found("Campaign not found")
        call.workspace.sending.setdefault(campaign, SendingState())
        return "campaign", campaign
    if list_id not in call.workspace.lead_lists:
        raise not_found("List not found")
    return "list_id", str(list_id)


def _skip_reason(given: Row, place: tuple[str, str], index: AddressIndex, seen: set[str], switches: Row) -> str | None:
    email = (given.get("email") or "").lower()
    if place[0] == "list_id" and not (email or given.get("first_name") or given.get("last_name")):
        return "incomplete_count"
    if not email:
        return "invalid_email_count" if place[0] == "campaign" else None
    known = (
        (switches.get("skip_if_in_workspace") and email in index.in_workspace)
        or (switches.get("skip_if_in_campaign") and email in index.in_campaigns)
        or (switches.get("skip_if_in_list") and email in index.in_lists)
    )
    reasons = (
        (not EMAIL.match(email), "invalid_email_count"),
        (email in seen, "duplicate_email_count"),
        (index.is_blocked(email), "in_blocklist"),
        (email in index.in_target, "duplicated_leads"),
        (known, "skipped_count"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def move(call: Call) -> Row:
    """Move (or copy) the selected leads to a campaign or list; returns the background job with their addresses."""
    body, space = call.body, call.workspace
    to_campaign, to_list = body.get("to_campaign_id"), body.get("to_list_id")
    if (to_campaign is None) == (to_list is None):
        raise bad_request("Either to_campaign_id or to_list_id must be provided, but not both")
    if to_campaign is not None and to_campaign not in space.campaigns:
        raise not_found("Campaign not found")
    if to_list is not None and to_list not in space.lead_lists:
        raise not_found("List not found")
    chosen = list(space.leads.walk(newest_first=False, keep=lead_filter(call, body)))
    chosen = chosen[: int(body["limit"])] if body.get("limit") else chosen
    moved = _move_leads(call, chosen, to_campaign, to_list)
    audit_logs.log_activity(call, audit_logs.LEAD_MOVED, len(moved))
    return start_job(
        call,
        "move-leads",
        entity_id=to_campaign or to_list,
        entity_type="campaign" if to_campaign else "list",
        data={"moved_lead_emails": moved},
    )


def _move_leads(call: Call, chosen: Iterable[Row], to_campaign: str | None, to_list: str | None) -> list[str]:
    space, body = call.workspace, call.body
    place = ("campaign", to_campaign) if to_campaign else ("list_id", str(to_list))
    index = AddressIndex(space, (place[0], str(place[1])))
    moved: list[str] = []
    for row in chosen:
        email = (row["email"] or "").lower()
        if body.get("check_duplicates") and email in index.in_target:
            continue
        if body.get("check_duplicates_in_campaigns") and to_campaign and email in index.in_campaigns:
            continue
        if body.get("copy_leads"):
            fields: dict[str, Any] = {name: row[name] for name in LEAD if name in row and name != "lt_interest_status"}
            add(call, {**fields, place[0]: place[1], "custom_variables": row["payload"]})
        else:
            remove_from_sequence(space, row)
            space.threads.pop(row["id"], None)
            update_row(row, call.now_ms, campaign=to_campaign, list_id=to_list, status=1)
            if to_campaign:
                space.sending.setdefault(to_campaign, SendingState())
                add_to_sequence(space, row)
        if body.get("reset_interest_status"):
            row.pop("lt_interest_status", None)
        moved.append(row["email"])
    return moved


ADD = obj(
    {
        "campaign_id": uuid(),
        "list_id": uuid(),
        "leads": array(obj(LEAD), required=True, at_least=1, at_most=1000),
        "blocklist_id": uuid(null=True),
        "assigned_to": uuid(),
        "verify_leads_on_import": flag(),
        "skip_if_in_workspace": flag(),
        "skip_if_in_campaign": flag(),
        "skip_if_in_list": flag(),
    }
)
MOVE = obj(
    {
        **SELECTION,
        **SELECTION_OPTIONS,
        "to_campaign_id": uuid(),
        "to_list_id": uuid(),
        "ignore_resource_filter_clauses": flag(),
        "check_duplicates_in_campaigns": flag(),
        "skip_leads_in_verification": flag(),
        "limit": number(),
        "assigned_to": uuid(),
        "esp_code": number(choices=ESPS),
        "copy_leads": flag(),
        "check_duplicates": flag(),
        "reset_interest_status": flag(),
    }
)

ROUTES = (
    Route("POST", "/leads/add", "leads:create", add_many, body=ADD, body_required=True),
    Route("POST", "/leads/move", "leads:update", move, body=MOVE),
)
