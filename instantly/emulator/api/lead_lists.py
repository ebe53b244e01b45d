"""Emulated endpoints of lead lists, which hold leads outside of campaigns."""

from collections import Counter
from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from .errors import not_found
from .leads import remove
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import Rule, flag, mandatory, obj, text, uuid

# verification_status -> name in verification-stats
STATS = {
    1: "verified",
    -1: "invalid",
    -2: "risky",
    -3: "catch_all",
    -4: "job_change",
    11: "verification_job_pending_leadfinder",
    12: "verification_job_pending_user",
}


def find(call: Call) -> Row:
    row = call.workspace.lead_lists.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def create(call: Call) -> Row:
    row = {
        "id": call.new_id(),
        "organization_id": call.workspace.id,
        "has_enrichment_task": False,
        "owned_by": call.user_id,
        "timestamp_created": iso(call.now_ms),
        **call.body,
    }
    return call.workspace.lead_lists.add(row)


def list_lists(call: Call) -> Any:
    wanted = (call.query.get("search") or "").lower()
    enriched = call.query.get("has_enrichment_task")
    return page(
        call,
        call.workspace.lead_lists,
        lambda row: wanted in row["name"].lower() and enriched in (None, bool(row["has_enrichment_task"])),
    )


def change(call: Call) -> Row:
    row = find(call)
    row.update(call.body)
    return row


def delete(call: Call) -> Row:
    """Delete the list and the leads that are in no campaign."""
    row = call.workspace.lead_lists.remove(find(call)["id"])
    for lead in call.workspace.leads:
        if lead["list_id"] == row["id"]:
            if lead["campaign"]:
                lead["list_id"] = None
            else:
                remove(call.workspace, lead)
    return row


def verification_stats(call: Call) -> Row:
    id = find(call)["id"]
    leads = [lead for lead in call.workspace.leads if lead["list_id"] == id]
    counts = Counter(STATS.get(lead.get("verification_status", 0)) for lead in leads)
    return {"stats": {name: counts[name] for name in STATS.values()}, "total_leads": len(leads)}


FIELDS: dict[str, Rule] = {"name": text(), "has_enrichment_task": flag(null=True), "owned_by": uuid(null=True)}
ROUTES = (
    Route(
        "POST",
        "/lead-lists",
        "lead_lists:create",
        create,
        body=obj({**FIELDS, "name": mandatory(FIELDS["name"])}),
        body_required=True,
    ),
    Route(
        "GET",
        "/lead-lists",
        "lead_lists:read",
        list_lists,
        query={**PAGE, "has_enrichment_task": flag(), "search": text()},
    ),
    Route("GET", "/lead-lists/{id}", "lead_lists:read", find),
    Route("PATCH", "/lead-lists/{id}", "lead_lists:update", change, body=obj(FIELDS)),
    Route("DELETE", "/lead-lists/{id}", "lead_lists:delete", delete),
    Route("GET", "/lead-lists/{id}/verification-stats", None, verification_stats),
)
