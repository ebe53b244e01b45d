"""Emulated endpoints of API keys; the key itself is returned only once, on creation."""

from typing import Any

from ..state.clock import iso
from ..state.keys import KeyOwner, mask_key, new_key
from ..state.tables import Row
from . import audit_logs
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import array, obj, text

ACTIONS = ("all", "create", "read", "update", "delete")
RESOURCES = (
    "all ai_agents api_keys audit_logs custom_prompt_templates account_campaign_mappings campaigns "
    "inbox_placement_tests inbox_placement_analytics inbox_placement_reports lead_lists leads background-jobs "
    "custom_tags custom_tag_mappings crm_actions accounts block_list_entries lead-labels emails email_templates "
    "workspaces workspace_billing workspace_group_members workspace_members subsequences ai_sdr ai_sdr_replies "
    "ai_inbox_manager_analytics sales_flows webhooks webhook_events security_tokens dfy_email_account_orders auth"
)
SCOPES = frozenset(f"{resource}:{action}" for resource in RESOURCES.split() for action in ACTIONS) | {
    "email_verifications:all",
    "email_verifications:create",
    "email_verifications:read",
}


def create(call: Call) -> Row:
    key = new_key()
    row = {
        "id": call.new_id(),
        "name": call.body["name"],
        "scopes": call.body["scopes"],
        "key": mask_key(key),
        "organization_id": call.workspace.id,
        "timestamp_created": iso(call.now_ms),
        "timestamp_updated": iso(call.now_ms),
    }
    call.workspace.api_keys.add(row)
    call.simulation.keys.add(key, KeyOwner(call.workspace.id, row["id"]))
    audit_logs.log_activity(call, audit_logs.KEY_CREATED)
    return {**row, "key": key}


def list_keys(call: Call) -> Any:
    return page(call, call.workspace.api_keys)


def delete(call: Call) -> Row:
    """Delete a key; it stops working immediately."""
    if call.params["id"] not in call.workspace.api_keys:
        raise not_found()
    row = call.workspace.api_keys.remove(call.params["id"])
    call.simulation.keys.revoke(row["id"])
    audit_logs.log_activity(call, audit_logs.KEY_DELETED)
    return row


CREATE = obj({"name": text(required=True), "scopes": array(text(choices=SCOPES), required=True)})
ROUTES = (
    Route("POST", "/api-keys", "api_keys:create", create, body=CREATE, body_required=True),
    Route("GET", "/api-keys", "api_keys:read", list_keys, query=PAGE),
    Route("DELETE", "/api-keys/{id}", "api_keys:delete", delete),
)
