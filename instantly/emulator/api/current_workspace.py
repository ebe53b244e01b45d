"""Emulated endpoints of the API key's own workspace: /workspaces/current and below."""

from ..state.clock import DAY_MS, iso
from ..state.rows import update_row
from ..state.tables import Row
from ..wire import Refusal
from .errors import bad_request, not_found
from .routing import Call, Route
from .validation import obj, text

REMOVAL_DAYS = 30


def current(call: Call) -> Row:
    return call.workspace.row


def change(call: Call) -> Row:
    return update_row(call.workspace.row, call.now_ms, **call.body)


def schedule_removal(call: Call) -> Row:
    return update_row(
        call.workspace.row, call.now_ms, scheduled_for_removal_at=iso(call.now_ms + REMOVAL_DAYS * DAY_MS)
    )


def cancel_removal(call: Call) -> Row:
    return update_row(call.workspace.row, call.now_ms, scheduled_for_removal_at=None)


def set_domain(call: Call) -> Row:
    return update_row(call.workspace.row, call.now_ms, org_client_domain=call.body["domain"])


def domain(call: Call) -> Row:
    name = call.workspace.row["org_client_domain"]
    if not name:
        raise not_found()
    return {"verified": True, "name": name, "verification": []}


def remove_domain(call: Call) -> Row:
    return update_row(call.workspace.row, call.now_ms, org_client_domain=None)


def change_owner(call: Call) -> Row:
    """Transfer the workspace to one of its members. Any non-empty second factor (``sec``) is accepted."""
    if not call.body["sec"]:
        raise Refusal(403, "Invalid security code")
    for member in call.workspace.members:
        if member["email"] == call.body["email"]:
            return update_row(call.workspace.row, call.now_ms, owner=member["user_id"])
    raise bad_request("The new owner must be a member of the workspace")


ROUTES = (
    Route("GET", "/workspaces/current", "workspaces:read", current),
    Route(
        "PATCH",
        "/workspaces/current",
        "workspaces:update",
        change,
        body=obj({"name": text(), "org_logo_url": text(null=True)}),
    ),
    Route("POST", "/workspaces/current/schedule-for-removal", "workspaces:delete", schedule_removal),
    Route("DELETE", "/workspaces/current/schedule-for-removal", "workspaces:delete", cancel_removal),
    Route(
        "POST",
        "/workspaces/current/whitelabel-domain",
        "workspaces:update",
        set_domain,
        body=obj({"domain": text(required=True)}),
        body_required=True,
    ),
    Route("GET", "/workspaces/current/whitelabel-domain", "workspaces:read", domain),
    Route("DELETE", "/workspaces/current/whitelabel-domain", "workspaces:update", remove_domain),
    Route(
        "POST",
        "/workspaces/current/change-owner",
        "workspaces:update",
        change_owner,
        body=obj({"email": text(required=True, format="email"), "sec": text(required=True)}),
        body_required=True,
    ),
)
