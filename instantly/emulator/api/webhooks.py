"""Emulated endpoints of webhook subscriptions: create, change, test, resume, delete."""

from typing import Any

import orjson

from ..deliveries.attempts import resume_webhook, webhook_headers
from ..state import rows
from ..state.clock import iso
from ..state.tables import Row
from ..state.vocabulary import EVENTS, SUBSCRIPTIONS
from . import audit_logs
from .errors import not_found
from .pagination import PAGE, page
from .routing import Call, Deferred, Route
from .validation import Rule, mandatory, number, obj, text, uuid

# the filter of GET accepts two types fewer than POST
LISTABLE = tuple(name for name in SUBSCRIPTIONS if name not in ("lead_no_show", "supersearch_enrichment_completed"))
SETTABLE: dict[str, Rule] = {
    "campaign": uuid(null=True),
    "name": text(null=True),
    "target_hook_url": text(format="uri", pattern=r"^https?://"),
    "event_type": text(null=True, choices=SUBSCRIPTIONS),
    "custom_interest_value": number(null=True),
    "headers": obj(null=True, open=True),
}


def find(call: Call) -> Row:
    row = call.workspace.webhooks.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def list_webhooks(call: Call) -> Any:
    query = call.query
    return page(
        call,
        call.workspace.webhooks,
        lambda row: (
            row["campaign"] == query.get("campaign", row["campaign"])
            and query.get("event_type") in (None, row.get("event_type"))
        ),
    )


def create(call: Call) -> Row:
    row = _apply(rows.webhook(call.new_id(), call.workspace.id, call.now_ms), call.body)
    audit_logs.log_activity(call, audit_logs.WEBHOOK_CREATED, webhook_id=row["id"])
    return call.workspace.webhooks.add(row)


def change(call: Call) -> Row:
    row = find(call)
    _apply(row, call.body)
    audit_logs.log_activity(call, audit_logs.WEBHOOK_UPDATED, webhook_id=row["id"])
    return row


def _apply(row: Row, given: Row) -> Row:
    """Apply the given fields. A null ``event_type`` is removed: the document's enumeration has no null."""
    row.update(given)
    if row.get("event_type") is None:
        row.pop("event_type", None)
    return row


def delete(call: Call) -> Row:
    return call.workspace.webhooks.remove(find(call)["id"])


def event_types(call: Call) -> Row:
    """The standard event types and the workspace's custom labels."""
    standard = [
        {"id": subscription, "label": label, "type": "standard"}
        for subscription, label in EVENTS.values()
        if subscription
    ]
    custom = [
        {"id": str(row["interest_status"]), "label": row["label"], "type": "custom"}
        for row in call.workspace.lead_labels
    ]
    return {"event_types": [{"id": "all_events", "label": "All Events", "type": "standard"}, *standard, *custom]}


def send_test(call: Call) -> Deferred:
    """Send a test delivery and wait for it. Its body is undocumented: a flat object like others, type ``test``."""
    row = find(call)
    simulation = call.simulation
    payload = {
        "timestamp": iso(call.now_ms),
        "event_type": "test",
        "workspace": call.workspace.id,
        "campaign_id": None,
        "campaign_name": None,
        "message": "This is a test webhook",
    }
    url, headers = row["target_hook_url"], webhook_headers(row)

    def finish() -> Row:
        started_ms = simulation.clock.now_ms()
        result = simulation.transport(url, orjson.dumps(payload), headers, simulation.assumptions.delivery_timeout)
        response: Row = {
            "success": result.success,
            "message": "Webhook test successful" if result.success else "Webhook test failed",
            "response_time_ms": simulation.clock.now_ms() - started_ms,
        }
        if result.status_code is not None:
            response["status_code"] = result.status_code
        if result.error_message:
            response["error"] = result.error_message
        return response

    return Deferred(finish)


def resume(call: Call) -> Row:
    row = find(call)
    resume_webhook(call.simulation, row)
    audit_logs.log_activity(call, audit_logs.WEBHOOK_RESUMED, webhook_id=row["id"])
    return row


ROUTES = (
    Route(
        "GET",
        "/webhooks",
        None,
        list_webhooks,
        query={**PAGE, "campaign": uuid(), "event_type": text(choices=LISTABLE)},
    ),
    Route(
        "POST",
        "/webhooks",
        "webhooks:create",
        create,
        body=obj({**SETTABLE, "target_hook_url": mandatory(SETTABLE["target_hook_url"])}),
        body_required=True,
    ),
    Route("GET", "/webhooks/{id}", "webhooks:read", find),
    Route("PATCH", "/webhooks/{id}", "webhooks:update", change, body=obj(SETTABLE)),
    Route("DELETE", "/webhooks/{id}", "webhooks:delete", delete),
    Route("GET", "/webhooks/event-types", None, event_types),
    Route("POST", "/webhooks/{id}/test", None, send_test),
    Route("POST", "/webhooks/{id}/resume", "webhooks:update", resume),
)
