"""Emulated endpoints of custom lead labels; a label's text is the event_type of its deliveries."""

from typing import Any

from ..state.clock import iso
from ..state.tables import Row
from .errors import bad_request, not_found
from .pagination import PAGE, page
from .routing import Call, Route
from .validation import Rule, flag, mandatory, number, obj, text

SENTIMENTS = ("positive", "negative", "neutral")
FIRST_CUSTOM_VALUE = 10_000


def find(call: Call) -> Row:
    row = call.workspace.lead_labels.get(call.params["id"])
    if row is None:
        raise not_found()
    return row


def create(call: Call) -> Row:
    values = {row["interest_status"] for row in call.workspace.lead_labels}
    row = {
        "id": call.new_id(),
        "timestamp_created": iso(call.now_ms),
        "created_by": call.user_id,
        "organization_id": call.workspace.id,
        "interest_status": max(values, default=FIRST_CUSTOM_VALUE) + 1,
        "description": None,
        "use_with_ai": False,
        **call.body,
    }
    return call.workspace.lead_labels.add(row)


def list_labels(call: Call) -> Any:
    wanted = (call.query.get("search") or "").lower()
    sentiment = call.query.get("interest_status")
    return page(
        call,
        call.workspace.lead_labels,
        lambda row: wanted in row["label"].lower() and sentiment in (None, row["interest_status_label"]),
    )


def change(call: Call) -> Row:
    row = find(call)
    row.update(call.body)
    return row


def delete(call: Call) -> Row:
    """Delete a label; its leads get ``reassigned_status`` or no status, without webhook events."""
    row = call.workspace.lead_labels.remove(find(call)["id"])
    for lead in call.workspace.leads:
        if lead.get("lt_interest_status") == row["interest_status"]:
            lead.pop("lt_interest_status")
            if "reassigned_status" in call.body:
                lead["lt_interest_status"] = call.body["reassigned_status"]
    return row


def suggest_label(call: Call) -> Row:
    """Suggest a label for a reply; keywords replace the service's AI."""
    if not call.body["reply_text"].strip():
        raise bad_request("body/reply_text must NOT have fewer than 1 characters")
    reply = call.body["reply_text"].lower()
    words = {"not interested": "Not Interested", "meeting": "Meeting Booked", "out of": "Out of Office"}
    considered = [row["label"] for row in call.workspace.lead_labels if row["use_with_ai"]]
    own = next((label for label in considered if label.lower() in reply), None)
    usual = next((label for word, label in words.items() if word in reply), "Interested")
    return {"result": own or usual, "custom_labels_considered": considered}


FIELDS: dict[str, Rule] = {
    "label": text(),
    "interest_status_label": text(choices=SENTIMENTS),
    "description": text(null=True),
    "use_with_ai": flag(null=True),
}
CREATE = obj(
    {**FIELDS, "label": mandatory(FIELDS["label"]), "interest_status_label": mandatory(FIELDS["interest_status_label"])}
)
ROUTES = (
    Route("POST", "/lead-labels", "lead-labels:create", create, body=CREATE, body_required=True),
    Route(
        "GET",
        "/lead-labels",
        "lead-labels:read",
        list_labels,
        query={**PAGE, "search": text(), "interest_status": text(choices=SENTIMENTS)},
    ),
    Route("GET", "/lead-labels/{id}", "lead-labels:read", find),
    Route("PATCH", "/lead-labels/{id}", "lead-labels:update", change, body=obj(FIELDS)),
    Route("DELETE", "/lead-labels/{id}", "lead-labels:delete", delete, body=obj({"reassigned_status": number()})),
    Route(
        "POST",
        "/lead-labels/ai-reply-label",
        "lead-labels:read",
        suggest_label,
        body=obj({"reply_text": text(required=True)}),
        body_required=True,
    ),
)
