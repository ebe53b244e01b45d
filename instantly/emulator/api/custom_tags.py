"""Emulated endpoints of custom tags and their mappings to email accounts and campaigns."""

from typing import Any

from ..state.clock import iso
from ..state.rows import update_row
from ..state.tables import Row
from ..wire import Refusal
from .accounts import FILTERS
from .errors import bad_request, not_found
from .pagination import PAGE, page, split_values
from .routing import Call, Route
from .tag_lookup import ON_ACCOUNT, ON_CAMPAIGN, resources_with_all, resources_with_any
from .validation import Rule, array, flag, mandatory, number, obj, text, uuid


def find(call: Call, id: str) -> Row:
    row = call.workspace.tags.get(id)
    if row is None:
        raise not_found()
    return row


def create(call: Call) -> Row:
    """Create a tag. Raises Refusal (409) for an existing label, ignoring surrounding spaces."""
    _require_unused(call, call.body["label"])
    row = {
        "id": call.new_id(),
        "timestamp_created": iso(call.now_ms),
        "timestamp_updated": iso(call.now_ms),
        "organization_id": call.workspace.id,
        "description": None,
        **call.body,
        "label": call.body["label"].strip(),
    }
    return call.workspace.tags.add(row)


def list_tags(call: Call) -> Any:
    wanted = (call.query.get("search") or "").lower()
    ids = set(split_values(call.query.get("tag_ids")))
    resources = set(split_values(call.query.get("resource_ids")))
    mappings = call.workspace.tag_mappings
    tagged_ids = {row["tag_id"] for row in mappings if row["resource_id"] in resources} if resources else None
    return page(
        call,
        call.workspace.tags,
        lambda row: (
            wanted in row["label"].lower()
            and (not ids or row["id"] in ids)
            and (tagged_ids is None or row["id"] in tagged_ids)
        ),
    )


def get(call: Call) -> Row:
    return find(call, call.params["id"])


def change(call: Call) -> Row:
    row = find(call, call.params["id"])
    given = {**call.body}
    if "label" in given:
        given["label"] = given["label"].strip()
        _require_unused(call, given["label"], apart_from=row["id"])
    return update_row(row, call.now_ms, **given)


def delete(call: Call) -> Row:
    row = call.workspace.tags.remove(find(call, call.params["id"])["id"])
    for mapping in call.workspace.tag_mappings:
        if mapping["tag_id"] == row["id"]:
            call.workspace.tag_mappings.remove(mapping["id"])
    return row


def list_mappings(call: Call) -> Any:
    resources = set(split_values(call.query.get("resource_ids")))
    return page(call, call.workspace.tag_mappings, lambda row: not resources or row["resource_id"] in resources)


def toggle(call: Call) -> Row:
    """Assign tags to accounts (1) or campaigns (2), or remove them."""
    body = call.body
    for id in body["tag_ids"]:
        find(call, id)
    kind = int(body["resource_type"])
    for resource_id in _resources(call, kind):
        for tag_id in body["tag_ids"]:
            _set_tag(call, tag_id, kind, resource_id, assign=body["assign"])
    return {"success": True}


def _resources(call: Call, kind: int) -> list[str]:
    body, space = call.body, call.workspace
    if not body.get("selected_all"):
        if not body.get("resource_ids"):
            raise bad_request("body must have required property 'resource_ids'")
        return list(body["resource_ids"])
    rows = list(space.accounts if kind == ON_ACCOUNT else space.campaigns)
    chosen = body.get("filter")
    chosen = {"filter": chosen} if isinstance(chosen, str) else chosen or {}
    wanted = (body.get("search") or chosen.get("search") or "").lower()
    key = "email" if kind == ON_ACCOUNT else "id"
    tagged = resources_with_any(space, [*chosen.get("tag_ids", ()), *filter(None, [chosen.get("tag_id")])])
    every = resources_with_all(space, chosen.get("tag_ids_all", ()))
    return [
        row[key]
        for row in rows
        if wanted in str(row.get("name", row.get("email"))).lower()
        and row[key] not in body.get("excluded_resource_ids", ())
        and (not (chosen.get("tag_ids") or chosen.get("tag_id")) or row[key] in tagged)
        and (not chosen.get("tag_ids_all") or row[key] in every)
        and (kind == ON_CAMPAIGN or not chosen.get("filter") or FILTERS[chosen["filter"]](row))
    ]


def _set_tag(call: Call, tag_id: str, kind: int, resource_id: str, *, assign: bool) -> None:
    mappings = call.workspace.tag_mappings
    known = next((row for row in mappings if (row["tag_id"], row["resource_id"]) == (tag_id, resource_id)), None)
    if known and not assign:
        mappings.remove(known["id"])
    if assign and not known:
        mappings.add(
            {
                "id": call.new_id(),
                "tag_id": tag_id,
                "resource_id": resource_id,
                "resource_type": kind,
                "timestamp_created": iso(call.now_ms),
                "organization_id": call.workspace.id,
            }
        )


def _require_unused(call: Call, label: str, apart_from: str | None = None) -> None:
    for row in call.workspace.tags:
        if row["label"] == label.strip() and row["id"] != apart_from:
            raise Refusal(409, f'A tag with the label "{label.strip()}" already exists')


FIELDS: dict[str, Rule] = {"label": text(pattern=r".*\S.*", at_least=1), "description": text(null=True)}
RESOURCES = array(text(), at_least=1)
TOGGLE = obj(
    {
        "tag_ids": array(uuid(), required=True, at_least=1),
        "resource_type": number(required=True, choices=(ON_ACCOUNT, ON_CAMPAIGN)),
        "resource_ids": RESOURCES,
        "excluded_resource_ids": RESOURCES,
        "assign": flag(required=True),
        "selected_all": flag(),
        "filter": Rule("any"),
        "search": text(),
    }
)
ROUTES = (
    Route(
        "GET", "/custom-tag-mappings", "custom_tag_mappings:read", list_mappings, query={**PAGE, "resource_ids": text()}
    ),
    Route(
        "POST",
        "/custom-tags",
        "custom_tags:create",
        create,
        body=obj({**FIELDS, "label": mandatory(FIELDS["label"])}),
        body_required=True,
    ),
    Route(
        "GET",
        "/custom-tags",
        "custom_tags:read",
        list_tags,
        query={**PAGE, "search": text(), "resource_ids": text(), "tag_ids": text()},
    ),
    Route("GET", "/custom-tags/{id}", "custom_tags:read", get),
    Route("PATCH", "/custom-tags/{id}", "custom_tags:update", change, body=obj(FIELDS)),
    Route("DELETE", "/custom-tags/{id}", "custom_tags:delete", delete),
    Route("POST", "/custom-tags/toggle-resource", None, toggle, body=TOGGLE, body_required=True),
)
