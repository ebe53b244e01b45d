"""Emulated workspace groups: an admin workspace and the sub-workspaces its key may act as."""

from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from ..wire import Refusal
from .errors import bad_request, not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import mandatory, obj, uuid


def invite(call: Call) -> Row:
    """Invite a workspace; it stays ``pending`` until it accepts (in the app, not through the API)."""
    simulation, own, other = call.simulation, call.workspace, call.body["sub_workspace_id"]
    if other == own.id:
        raise bad_request("A workspace cannot be its own sub workspace")
    if other not in simulation.workspaces:
        raise not_found()
    for member in simulation.group_members:
        if other in (member["sub_workspace_id"], member["admin_workspace_id"]) or own.id == member["sub_workspace_id"]:
            raise Refusal(409, "A workspace cannot be both an admin workspace and a sub workspace, nor have two admins")
    return simulation.add_group_member(own.id, other, "pending")


def list_members(call: Call) -> Any:
    """List memberships of the group: an admin workspace sees its sub-workspaces, a sub-workspace its own membership."""
    return page(call, call.simulation.group_members, lambda row: _involves_workspace(call, row))


def find(call: Call) -> Row:
    row = call.simulation.group_members.get(call.params["id"])
    if row is None or not _involves_workspace(call, row):
        raise not_found()
    return row


def delete(call: Call) -> Row:
    return call.simulation.group_members.remove(find(call)["id"])


def admin(call: Call) -> Row:
    """Return the name of the group's admin workspace; "Undefined" if the workspace is in no group, as documented."""
    for row in call.simulation.group_members:
        if row["sub_workspace_id"] == call.workspace.id and row["status"] == "accepted":
            return {
                "workspace_name": row["admin_workspace_name"],
                "has_admin_workspace": True,
                "workspace_group_member_id": row["id"],
            }
    return {"workspace_name": "Undefined", "has_admin_workspace": False}


def accept(row: Row, now_ms: int) -> Row:
    """Accept an invitation, as a person does in the app."""
    row.update(status="accepted", timestamp_updated=iso(now_ms))
    return row


def _involves_workspace(call: Call, row: Row) -> bool:
    return call.workspace.id in (row["admin_workspace_id"], row["sub_workspace_id"])


INVITE = obj({"sub_workspace_id": mandatory(uuid())})
ROUTES = (
    Route(
        "POST",
        "/workspace-group-members",
        "workspace_group_members:create",
        invite,
        body=INVITE,
        body_required=True,
    ),
    Route("GET", "/workspace-group-members", "workspace_group_members:read", list_members, query=PAGE),
    Route("GET", "/workspace-group-members/{id}", "workspace_group_members:read", find),
    Route("DELETE", "/workspace-group-members/{id}", "workspace_group_members:delete", delete),
    Route("GET", "/workspace-group-members/admin", None, admin),
)
