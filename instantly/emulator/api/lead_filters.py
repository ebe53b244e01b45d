"""Lead filters of the emulated POST /leads/list, also used by move and bulk-assign."""

from collections.abc import Callable
from typing import Any

from ..state.clock import DAY_MS, parse_instant
from ..state.tables import Row
from ..state.workspaces import Workspace
from .errors import bad_request
from .routing import Call
from .validation import Rule, array, flag, number, obj, text, uuid

DAY_FIELDS = {
    "reply": ("timestamp_last_reply", "email_reply_count"),
    "email-open": ("timestamp_last_open", "email_open_count"),
    "link-click": ("timestamp_last_click", "email_click_count"),
    "last-contacted": ("timestamp_last_contact", None),
    "lead-status-change": ("timestamp_last_interest_change", None),
}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "more": lambda count, limit: count > limit,
    "less": lambda count, limit: count < limit,
    "equal": lambda count, limit: count == limit,
}


def _interest(value: int) -> Callable[[Row], bool]:
    return lambda lead: lead.get("lt_interest_status") == value


def _status(value: int) -> Callable[[Row], bool]:
    return lambda lead: lead["status"] == value


def _verified(value: int) -> Callable[[Row], bool]:
    return lambda lead: lead.get("verification_status") == value


FILTERS: dict[str, Callable[[Row], bool]] = {
    "FILTER_VAL_CONTACTED": lambda lead: lead["timestamp_last_contact"] is not None,
    "FILTER_VAL_NOT_CONTACTED": lambda lead: lead["timestamp_last_contact"] is None,
    "FILTER_VAL_COMPLETED": _status(3),
    "FILTER_VAL_UNSUBSCRIBED": _status(-2),
    "FILTER_VAL_ACTIVE": _status(1),
    "FILTER_VAL_BOUNCED": _status(-1),
    "FILTER_VAL_SKIPPED": _status(-3),
    "FILTER_VAL_RISKY": _verified(-2),
    "FILTER_VAL_INVALID": _verified(-1),
    "FILTER_VAL_VALID": _verified(1),
    "FILTER_VAL_IN_SUBSEQUENCE": lambda lead: lead["subsequence_id"] is not None,
    "FILTER_VAL_OPENED_NO_REPLY": lambda lead: lead["email_open_count"] > 0 and lead["email_reply_count"] == 0,
    "FILTER_VAL_COMPLETED_NO_REPLY": lambda lead: lead["status"] == 3 and lead["email_reply_count"] == 0,
    "FILTER_VAL_NO_OPENS": lambda lead: lead["email_open_count"] == 0,
    "FILTER_VAL_REPLIED": lambda lead: lead["email_reply_count"] > 0,
    "FILTER_VAL_LINK_CLICKED": lambda lead: lead["email_click_count"] > 0,
    "FILTER_LEAD_INTERESTED": _interest(1),
    "FILTER_LEAD_NOT_INTERESTED": _interest(-1),
    "FILTER_LEAD_MEETING_BOOKED": _interest(2),
    "FILTER_LEAD_MEETING_COMPLETED": _interest(3),
    "FILTER_LEAD_CLOSED": _interest(4),
    "FILTER_LEAD_OUT_OF_OFFICE": _interest(0),
    "FILTER_LEAD_WRONG_PERSON": _interest(-2),
    "FILTER_LEAD_LOST": _interest(-3),
    "FILTER_LEAD_NO_SHOW": _interest(-4),
}
SENTIMENTS = {"FILTER_LEAD_CUSTOM_LABEL_POSITIVE": "positive", "FILTER_LEAD_CUSTOM_LABEL_NEGATIVE": "negative"}


def lead_filter(call: Call, body: dict[str, Any]) -> Callable[[Row], bool]:
    """Build a predicate for the leads a body selects. Raises Refusal (400) for an unknown filter."""
    conditions = [build(body[name]) for name, build in CONDITIONS.items() if body.get(name) is not None]
    if name := body.get("filter"):
        conditions.append(_filter(call.workspace, name))
    conditions += [_predicate_of_query(query, call.now_ms) for query in body.get("queries") or ()]
    return lambda lead: all(matches(lead) for matches in conditions)


def _filter(workspace: Workspace, name: str) -> Callable[[Row], bool]:
    if name in FILTERS:
        return FILTERS[name]
    if name in SENTIMENTS:
        labels = workspace.lead_labels
        values = {label["interest_status"] for label in labels if label["interest_status_label"] == SENTIMENTS[name]}
        return lambda lead: lead.get("lt_interest_status") in values
    raise bad_request("body/filter must be equal to one of the allowed values")


def _predicate_of_query(query: Row, now_ms: int) -> Callable[[Row], bool]:
    """Return a predicate for one of the app's filters: number or time of opens, replies and so on, or interest status."""
    values = query["values"]
    if query["actionType"] == "lead-status":
        wanted = values.get("lead-status") or {}
        same = wanted.get("condition", "is") == "is"
        return lambda lead: (lead.get("lt_interest_status") == wanted.get("status")) == same
    moment, count = DAY_FIELDS[query["actionType"]]
    days, times = values.get("occurrence-days"), values.get("occurrence-count")

    def matches(lead: Row) -> bool:
        when = lead[moment]
        recent = days is None or (when is not None and parse_instant(when) >= now_ms - days * DAY_MS)
        enough = True
        if times is not None and count is not None:
            enough = COMPARE[times.get("condition", "more")](lead[count], times.get("count", 0))
        return recent and enough

    return matches


def _search(wanted: str) -> Callable[[Row], bool]:
    words = wanted.lower()
    fields = ("first_name", "last_name", "email")
    return lambda lead: words in " ".join(str(lead[field] or "") for field in fields).lower()


CONDITIONS: dict[str, Callable[[Any], Callable[[Row], bool]]] = {
    "search": _search,
    "campaign": lambda id: lambda lead: lead["campaign"] == id,
    "list_id": lambda id: lambda lead: lead["list_id"] == id,
    "in_campaign": lambda wanted: lambda lead: (lead["campaign"] is not None) == wanted,
    "in_list": lambda wanted: lambda lead: (lead["list_id"] is not None) == wanted,
    "ids": lambda ids: lambda lead: lead["id"] in ids,
    "excluded_ids": lambda ids: lambda lead: lead["id"] not in ids,
    "contacts": lambda emails: lambda lead: lead["email"] in emails,
    "is_website_visitor": lambda wanted: lambda lead: bool(lead["is_website_visitor"]) == wanted,
    "enrichment_status": lambda wanted: lambda lead: lead.get("enrichment_status") == wanted,
    "organization_user_ids": lambda ids: lambda lead: lead["assigned_to"] in ids,
    "esp_code": lambda wanted: lambda lead: lead["esp_code"] == wanted,
    "esg_code": lambda wanted: (
        lambda lead: (
            wanted == "all" or str(lead.get("esg_code")) == wanted or wanted == "none" and "esg_code" not in lead
        )
    ),
}
QUERIES = array(
    obj(
        {
            "actionType": text(required=True, choices=(*DAY_FIELDS, "lead-status")),
            "values": obj(
                {
                    "occurrence-days": number(),
                    "occurrence-count": obj({"condition": text(choices=tuple(COMPARE)), "count": number()}),
                    "lead-status": obj({"status": number(), "condition": text(choices=("is", "is-not"))}),
                },
                required=True,
            ),
        }
    )
)
SELECTION: dict[str, Rule] = {
    "search": text(),
    "filter": text(),
    "campaign": uuid(),
    "list_id": uuid(),
    "in_campaign": flag(),
    "in_list": flag(),
    "ids": array(uuid()),
    "queries": QUERIES,
}
SELECTION_OPTIONS: dict[str, Rule] = {
    "excluded_ids": array(uuid()),
    "contacts": array(text(format="email")),
    "esg_code": text(choices=("0", "1", "2", "3", "4", "all", "none")),
}
