"""Emulated endpoints of the block list of addresses and domains."""

from collections.abc import Callable
from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Result, Route
from .validation import EMAIL, array, flag, obj, text

CHOICE = {"domains_only": flag(), "search": text()}


def _chosen(call: Call) -> Callable[[Row], bool]:
    wanted = (call.query.get("search") or "").lower()
    only_domains = call.query.get("domains_only", False)
    return lambda row: wanted in row["bl_value"].lower() and (row["is_domain"] or not only_domains)


def find(call: Call, id: str) -> Row:
    row = call.workspace.block_list.get(id)
    if row is None:
        raise not_found()
    return row


def _add(call: Call, value: str) -> Row:
    row = {
        "id": call.new_id(),
        "timestamp_created": iso(call.now_ms),
        "organization_id": call.workspace.id,
        "bl_value": value,
        "is_domain": "@" not in value,
    }
    return call.workspace.block_list.add(row)


def create(call: Call) -> Row:
    return _add(call, call.body["bl_value"])


def list_entries(call: Call) -> Any:
    return page(call, call.workspace.block_list, _chosen(call))


def get(call: Call) -> Row:
    return find(call, call.params["id"])


def change(call: Call) -> Row:
    row = find(call, call.params["id"])
    if "bl_value" in call.body:
        row.update(bl_value=call.body["bl_value"], is_domain="@" not in call.body["bl_value"])
    return row


def delete(call: Call) -> Row:
    return call.workspace.block_list.remove(find(call, call.params["id"])["id"])


def delete_all(call: Call) -> list[Row]:
    chosen = _chosen(call)
    return [call.workspace.block_list.remove(row["id"]) for row in call.workspace.block_list if chosen(row)]


def create_many(call: Call) -> Row:
    values = call.body["bl_values"]
    valid = [value for value in values if EMAIL.match(value) or ("@" not in value and "." in value.strip("."))]
    entries = [_add(call, value) for value in valid]
    return {"items": entries, "valid_count": len(valid), "invalid_count": len(values) - len(valid)}


def delete_many(call: Call) -> list[Row]:
    known = (id for id in call.body["ids"] if id in call.workspace.block_list)
    return [call.workspace.block_list.remove(id) for id in known]


def download(call: Call) -> Result:
    chosen = _chosen(call)
    lines = [row["bl_value"] for row in call.workspace.block_list if chosen(row)]
    return Result("\n".join(["bl_value", *lines, ""]), content_type="text/csv")


VALUES = obj({"bl_values": array(text(), required=True, at_least=1, at_most=1000)})
IDS = obj({"ids": array(text(), required=True, at_least=1, at_most=1000)})
PATH, SCOPE = "/block-lists-entries", "block_list_entries"
ROUTES = (
    Route("POST", PATH, f"{SCOPE}:create", create, body=obj({"bl_value": text(required=True)}), body_required=True),
    Route("GET", PATH, f"{SCOPE}:read", list_entries, query={**PAGE, **CHOICE}),
    Route("DELETE", PATH, f"{SCOPE}:delete", delete_all, query=CHOICE),
    Route("GET", f"{PATH}/{{id}}", f"{SCOPE}:read", get),
    Route("PATCH", f"{PATH}/{{id}}", f"{SCOPE}:update", change, body=obj({"bl_value": text()})),
    Route("DELETE", f"{PATH}/{{id}}", f"{SCOPE}:delete", delete),
    Route("POST", f"{PATH}/bulk-create", f"{SCOPE}:create", create_many, body=VALUES, body_required=True),
    Route("POST", f"{PATH}/bulk-delete", f"{SCOPE}:delete", delete_many, body=IDS, body_required=True),
    Route("GET", f"{PATH}/download", f"{SCOPE}:read", download, query=CHOICE),
)
