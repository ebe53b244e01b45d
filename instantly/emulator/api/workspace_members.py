"""Emulated endpoints of a workspace's members."""

from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from ..wire import Refusal
from .errors import bad_request, not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import array, flag, obj, text

ROLES = ("owner", "admin", "editor", "view", "client")


def find(call: Call) -> Row:
    row = call.workspace.members.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def create(call: Call) -> Row:
    """Invite a member; it is not accepted yet. A second owner is refused."""
    if call.body["role"] == "owner":
        raise bad_request("A member cannot be added as owner")
    row = {
        "id": call.new_id(),
        "user_id": call.simulation.ids.v4(),
        "user_email": call.body["email"],
        "nickname": None,
        "timestamp_created": iso(call.now_ms),
        "workspace_id": call.workspace.id,
        "accepted": False,
        "issuer_id": call.user_id,
        "permissions": None,
        **call.body,
    }
    return call.workspace.members.add(row)


def list_members(call: Call) -> Any:
    wanted = (call.query.get("search") or "").lower()
    accepted = call.query.get("accepted")

    def keep(row: Row) -> bool:
        name = row.get("name") or {}
        shown = f"{row['email']} {name.get('first', '')} {name.get('last', '')}".lower()
        return wanted in shown and (accepted is None or row["accepted"] == accepted)

    return page(call, call.workspace.members, keep)


def change(call: Call) -> Row:
    row = find(call)
    row.update(call.body)
    return row


def delete(call: Call) -> Row:
    if find(call)["role"] == "owner":
        raise Refusal(403, "The owner cannot be removed")
    return call.workspace.members.remove(call.params["id"])


CREATE = obj(
    {
        "email": text(required=True, format="email"),
        "user_email": text(null=True, format="email"),
        "nickname": text(null=True, at_most=80),
        "role": text(required=True, choices=ROLES),
        "permissions": array(text(), null=True),
    }
)
CHANGE = obj({"nickname": text(null=True, at_most=80), "role": text(choices=ROLES)})
ROUTES = (
    Route("POST", "/workspace-members", "workspace_members:create", create, body=CREATE, body_required=True),
    Route(
        "GET",
        "/workspace-members",
        "workspace_members:read",
        list_members,
        query={**PAGE, "accepted": flag(), "search": text()},
    ),
    Route("GET", "/workspace-members/{id}", "workspace_members:read", find),
    Route("PATCH", "/workspace-members/{id}", "workspace_members:update", change, body=CHANGE),
    Route("DELETE", "/workspace-members/{id}", "workspace_members:delete", delete),
)
