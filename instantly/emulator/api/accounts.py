"""Emulated endpoints of email accounts, which are identified by address."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from ..life import campaign_status
from ..state import rows
from ..state.clock import iso, parse_instant
from ..state.rows import update_row
from ..state.tables import Position, Row
from ..state.vocabulary import ACCOUNT_STATUSES, ACTIVE, PAUSED, PROVIDER_CODES
from ..wire import Refusal
from . import audit_logs
from .errors import bad_request, not_found
from .pagination import PAGE, page, page_of_rows, split_values
from .routing import Call, Route
from .tag_lookup import resources_with_all, resources_with_any, tags_of
from .validation import Rule, array, flag, integer, number, obj, text

SORTABLE = ("timestamp_created", "email", "stat_warmup_score", "status")
FILTERS = {
    "ACC_FILTER_PAUSED": lambda row: row["status"] == PAUSED,
    "ACC_FILTER_ERROR": lambda row: row["status"] < 0,
    "ACC_FILTER_NO_CTD": lambda row: not row["tracking_domain_name"],
    "ACC_FILTER_PW_ACCOUNTS": lambda row: False,
    "ACC_FILTER_DFY": lambda row: row["is_managed_account"],
    "ACC_FILTER_DFY_SETUP_PENDING": lambda row: row["setup_pending"],
    "ACC_FILTER_W_ACTIVE": lambda row: row["warmup_status"] == 1,
    "ACC_FILTER_W_PAUSED": lambda row: row["warmup_status"] == 0,
    "ACC_FILTER_W_ERROR": lambda row: row["warmup_status"] < 0,
}


def find(call: Call, email: str) -> Row:
    row = call.workspace.accounts.get(email.lower())
    if row is None:
        raise not_found()
    return row


def list_accounts(call: Call) -> Any:
    """List email accounts in short form, as Instantly does: of the warm-up settings only ``limit``."""
    query, space = call.query, call.workspace
    any_of, all_of = split_values(query.get("tag_ids")), split_values(query.get("tag_ids_all"))
    tagged_any = resources_with_any(space, any_of) if any_of else None
    tagged_all = resources_with_all(space, all_of) if all_of else None
    wanted = (query.get("search") or "").lower()
    chosen = FILTERS.get(query.get("filter", ""))

    def keep(row: Row) -> bool:
        return (
            wanted in f"{row['email']} {row['first_name']} {row['last_name']}".lower()
            and row["status"] == query.get("status", row["status"])
            and row["provider_code"] == query.get("provider_code", row["provider_code"])
            and (tagged_any is None or row["email"] in tagged_any)
            and (tagged_all is None or row["email"] in tagged_all)
            and (chosen is None or chosen(row))
        )

    def show(row: Row) -> Row:
        shown = {**row, "warmup": {"limit": row["warmup"]["limit"]}} if "limit" in row["warmup"] else {**row}
        return {**shown, "tags": tags_of(space, row["email"])} if query.get("include_tags") else shown

    if query.get("sort_by") or query.get("skip"):
        return page_of_rows(call, _sorted(call, keep), _cursor, show)
    return page(call, space.accounts, keep, show=show, cursor=_cursor, find=_place)


def _sorted(call: Call, keep: Any) -> Iterator[Row]:
    column = call.query.get("sort_by", "timestamp_created")
    newest = call.query.get("sort_order", "desc") == "desc"
    found = [row for row in call.workspace.accounts if keep(row)]
    found.sort(key=lambda row: (row[column] is not None, row[column], row["email"]), reverse=newest)
    return islice(iter(found), call.query.get("skip", 0), None)


def _cursor(row: Row) -> str:
    return f"{row['timestamp_created']}&{row['email']}"


def _place(cursor: str) -> Position | None:
    """Parse a cursor: ``timestamp_created&email``, or the older form, only a timestamp."""
    moment, _, email = cursor.partition("&")
    try:
        return iso(parse_instant(moment)), email
    except ValueError:
        return None


def create(call: Call) -> Row:
    """Connect an account. Passwords and hosts are neither stored nor returned."""
    given = {name: value for name, value in call.body.items() if name not in INPUT_ONLY}
    typed = given.pop("email")
    email = typed.lower()
    if email in call.workspace.accounts:
        raise bad_request("Account already exists")
    if tag := call.body.get("warmup_custom_ftag"):
        given["warmup"] = {**rows.DEFAULT_WARMUP, **given.get("warmup", {}), "warmup_custom_ftag": tag}
    first, last = given.pop("first_name"), given.pop("last_name")
    row = rows.account(email, first, last, call.workspace.id, call.user_id, call.now_ms, **given)
    call.workspace.accounts.add(row)
    if typed != email:
        call.workspace.typed_addresses[email] = typed
    audit_logs.log_activity(call, audit_logs.ACCOUNT_ADDITION)
    return row


def get(call: Call) -> Row:
    return find(call, call.params["email"])


def change(call: Call) -> Row:
    """PATCH replaces whole fields: a partial ``warmup`` drops its other values, as seen live."""
    row = find(call, call.params["email"])
    given = {**call.body}
    given.pop("skip_cname_check", None)
    if given.pop("remove_tracking_domain", False):
        given.update(tracking_domain_name=None, tracking_domain_status=None)
    audit_logs.log_activity(call, audit_logs.ACCOUNT_UPDATE)
    return update_row(row, call.now_ms, modified_by=call.user_id, **given)


def delete(call: Call) -> Row:
    row = call.workspace.accounts.remove(find(call, call.params["email"])["email"])
    audit_logs.log_activity(call, audit_logs.ACCOUNT_DELETION)
    return row


def pause(call: Call) -> Row:
    return update_row(find(call, call.params["email"]), call.now_ms, status=PAUSED)


def resume(call: Call) -> Row:
    row = find(call, call.params["email"])
    if row["status"] < 0:
        raise bad_request("Account has an error; fix it and use mark-fixed")
    return update_row(row, call.now_ms, status=ACTIVE)


def mark_fixed(call: Call) -> Row:
    row = find(call, call.params["email"])
    row.pop("status_message", None)
    update_row(row, call.now_ms, status=ACTIVE, autofix_failed=None)
    campaign_status.recheck_health(call.simulation, call.workspace)
    return row


def pause_many(call: Call) -> Row:
    paused: list[str] = []
    failed: list[str] = []
    for email in call.body["emails"]:
        row = call.workspace.accounts.get(email.lower())
        (paused if row else failed).append(email)
        if row:
            update_row(row, call.now_ms, status=PAUSED)
    return {"paused_emails": paused, "failed_emails": failed}


def move(call: Call) -> Row:
    """Move accounts between workspaces of the admin workspace that the key belongs to."""
    simulation, body = call.simulation, call.body
    subs = {
        member["sub_workspace_id"]
        for member in simulation.group_members
        if member["admin_workspace_id"] == call.workspace.id and member["status"] == "accepted"
    }
    ids = {body["source_workspace_id"], body["destination_workspace_id"]}
    if not ids <= subs | {call.workspace.id} or not ids <= set(simulation.workspaces):
        raise Refusal(403, "Both workspaces must belong to this admin workspace")
    source = simulation.workspaces[body["source_workspace_id"]]
    destination = simulation.workspaces[body["destination_workspace_id"]]
    addresses = [email.lower() for email in body["emails"]]
    if not all(email in source.accounts for email in addresses):
        raise not_found()
    for email in addresses:
        row = source.accounts.remove(email)
        destination.accounts.add(update_row(row, call.now_ms, organization=destination.id))
    return {"status": "success"}


def ctd_status(call: Call) -> Row:
    return {"success": True, "ssl": True, "cname": True, "host": call.query["host"]}


def vitals(call: Call) -> Row:
    """Return the DNS checks of accounts: all pass, except for accounts with errors."""
    good: list[Row] = []
    bad: list[Row] = []
    for email in call.body.get("accounts", []):
        row = call.workspace.accounts.get(email.lower())
        passes = row is not None and row["status"] > 0
        checks = {"allPass": passes, "mx": True, "spf": passes, "dkim": passes, "dmarc": passes}
        (good if passes else bad).append({"domain": email.rpartition("@")[2], **checks})
    return {"status": "success", "success_list": good, "failure_list": bad}


def mappings(call: Call) -> Any:
    """Return the campaigns that an account sends for."""
    email = find(call, call.params["email"])["email"]

    def show(row: Row) -> Row:
        return {
            "campaign_id": row["id"],
            "campaign_name": row["name"],
            "timestamp_created": row["timestamp_created"],
            "status": row["status"],
        }

    return page(call, call.workspace.campaigns, lambda row: email in row["email_list"], show=show)


WARMUP = obj(
    {
        "limit": number(),
        "advanced": obj(
            {
                "warm_ctd": flag(),
                "open_rate": number(),
                "important_rate": number(),
                "read_emulation": flag(),
                "spam_save_rate": number(),
                "weekday_only": flag(),
            }
        ),
        "warmup_custom_ftag": text(),
        "increment": text(choices=("disabled", "0", "1", "2", "3", "4")),
        "reply_rate": number(),
    }
)
SETTABLE: dict[str, Rule] = {
    "warmup": WARMUP,
    "daily_limit": number(null=True),
    "tracking_domain_name": text(null=True),
    "tracking_domain_status": text(null=True),
    "enable_slow_ramp": flag(null=True),
    "inbox_placement_test_limit": number(null=True, low=0),
    "sending_gap": number(low=0, high=1440),
    "signature": text(null=True),
    "reply_to": text(null=True, format="email"),
    "skip_cname_check": flag(),
}
PROTOCOLS = ("imap", "smtp")
SECRETS: dict[str, Rule] = {
    **{
        f"{protocol}_{field}": text(required=True)
        for protocol in PROTOCOLS
        for field in ("username", "password", "host")
    },
    **{f"{protocol}_port": number(required=True) for protocol in PROTOCOLS},
}
INPUT_ONLY = {*SECRETS, "warmup_custom_ftag", "skip_cname_check"}
CREATE = obj(
    {
        "email": text(required=True, format="email"),
        "first_name": text(required=True),
        "last_name": text(required=True),
        "provider_code": number(required=True, choices=PROVIDER_CODES),
        **SETTABLE,
        **SECRETS,
        "warmup_custom_ftag": text(),
    }
)
CHANGE = obj({"first_name": text(), "last_name": text(), **SETTABLE, "remove_tracking_domain": flag()})
LIST = {
    **PAGE,
    "search": text(),
    "status": number(choices=ACCOUNT_STATUSES),
    "provider_code": number(choices=PROVIDER_CODES),
    "tag_ids": text(),
    "tag_ids_all": text(),
    "include_tags": flag(),
    "filter": text(choices=tuple(FILTERS)),
    "sort_by": text(choices=SORTABLE),
    "sort_order": text(choices=("asc", "desc")),
    "skip": integer(low=0),
}
EMAILS = array(text(), required=True, at_least=1, at_most=100)
MOVE = obj(
    {
        "emails": array(text(), required=True, at_least=1),
        "source_workspace_id": text(required=True),
        "destination_workspace_id": text(required=True),
    }
)

ROUTES = (
    Route("GET", "/account-campaign-mappings/{email}", "account_campaign_mappings:read", mappings, query=PAGE),
    Route("POST", "/accounts", "accounts:create", create, body=CREATE, body_required=True),
    Route("GET", "/accounts", "accounts:read", list_accounts, query=LIST),
    Route("GET", "/accounts/{email}", "accounts:read", get),
    Route("PATCH", "/accounts/{email}", "accounts:update", change, body=CHANGE),
    Route("DELETE", "/accounts/{email}", "accounts:delete", delete),
    Route("POST", "/accounts/pause", "accounts:update", pause_many, body=obj({"emails": EMAILS}), body_required=True),
    Route("POST", "/accounts/{email}/pause", "accounts:update", pause),
    Route("POST", "/accounts/{email}/resume", "accounts:update", resume),
    Route("POST", "/accounts/{email}/mark-fixed", "accounts:update", mark_fixed),
    Route("GET", "/accounts/ctd/status", "accounts:read", ctd_status, query={"host": text(required=True)}),
    Route("POST", "/accounts/test/vitals", "accounts:read", vitals, body=obj({"accounts": array(text())})),
    Route("POST", "/accounts/move", None, move, body=MOVE, body_required=True),
)
