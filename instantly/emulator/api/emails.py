"""Emulated mailbox endpoints (Unibox): sent mails, received replies, manual replies and forwards."""

from typing import Any

from ..life.inbox import expect_answer
from ..life.mailbox import store_mail
from ..life.replies import as_text
from ..state import rows
from ..state.clock import parse_instant
from ..state.tables import Row
from .errors import bad_request, not_found
from .pagination import PAGE, page, split_values
from .routing import Call, Route
from .validation import Rule, array, flag, number, obj, text, uuid

SENT, RECEIVED, MANUAL, SCHEDULED = 1, 2, 3, 4
TYPES = {"sent": SENT, "received": RECEIVED, "manual": MANUAL}
MODES = {"emode_focused": 1, "emode_others": 0, "emode_all": None}


def find(call: Call, id: str) -> Row:
    row = call.workspace.emails.get(id)
    if row is None:
        raise not_found()
    return row


def list_emails(call: Call) -> Any:
    """List mails by storage time, newest first by default; ``min_`` and ``max_timestamp_created`` are inclusive."""
    query = call.query
    try:
        earliest = parse_instant(query["min_timestamp_created"]) if query.get("min_timestamp_created") else None
        latest = parse_instant(query["max_timestamp_created"]) if query.get("max_timestamp_created") else None
    except ValueError:
        raise bad_request("querystring/min_timestamp_created must be an ISO timestamp") from None
    filters = [build(query[name]) for name, build in FILTERS.items() if query.get(name) is not None]
    newest = _latest_of_threads(call) if query.get("latest_of_thread") else None
    narrowed = [narrow(call, query[name]) for name, narrow in BY_WORKSPACE.items() if query.get(name) is not None]

    def keep(row: Row) -> bool:
        if earliest is not None or latest is not None:
            moment = parse_instant(row["timestamp_created"])
            if (earliest is not None and moment < earliest) or (latest is not None and moment > latest):
                return False
        return all(matches(row) for matches in (*filters, *narrowed)) and (newest is None or row["id"] in newest)

    show = _preview if query.get("preview_only") else None
    return page(call, call.workspace.emails, keep, newest_first=query.get("sort_order") != "asc", show=show)


def _preview(row: Row) -> Row:
    return {**row, "body": {}}


def _latest_of_threads(call: Call) -> set[str]:
    latest = {row["thread_id"]: row["id"] for row in call.workspace.emails.walk(newest_first=False)}
    return set(latest.values())


def _search(wanted: str) -> Any:
    if wanted.startswith("thread:"):
        return lambda row: row["thread_id"] == wanted.removeprefix("thread:")
    address = wanted.lower()
    return lambda row: address in ((row["lead"] or "").lower(), (row["from_address_email"] or "").lower())


FILTERS: dict[str, Any] = {
    "search": _search,
    "campaign_id": lambda id: lambda row: row["campaign_id"] == id,
    "list_id": lambda id: lambda row: row["list_id"] == id,
    "i_status": lambda status: lambda row: row["i_status"] == status,
    "eaccount": lambda emails: lambda row: row["eaccount"] in split_values(emails.lower()),
    "is_unread": lambda wanted: lambda row: bool(row["is_unread"]) == wanted,
    "has_reminder": lambda wanted: lambda row: (row["reminder_ts"] is not None) == wanted,
    "mode": lambda mode: lambda row: MODES[mode] in (None, row["is_focused"]),
    "scheduled_only": lambda wanted: lambda row: not wanted or row["ue_type"] == SCHEDULED,
    "lead": lambda email: lambda row: (row["lead"] or "").lower() == email.lower(),
    "company_domain": lambda domain: lambda row: (row["lead"] or "").lower().endswith(f"@{domain.lower()}"),
    "email_type": lambda name: lambda row: row["ue_type"] == TYPES[name],
}


def _done(call: Call, wanted: bool) -> Any:
    return lambda row: call.workspace.done.get(row["id"], False) == wanted


def _assigned_to(call: Call, user: str) -> Any:
    """Return a filter for mails of leads assigned to this user (documented as "the user id assigned to the lead")."""
    leads = {lead["id"] for lead in call.workspace.leads if lead["assigned_to"] == user}
    return lambda row: row["lead_id"] in leads


BY_WORKSPACE: dict[str, Any] = {"marked_as_done": _done, "assigned_to": _assigned_to}


def get(call: Call) -> Row:
    return find(call, call.params["id"])


def change(call: Call) -> Row:
    row = find(call, call.params["id"])
    row.update(call.body)
    return row


def delete(call: Call) -> Row:
    return call.workspace.emails.remove(find(call, call.params["id"])["id"])


def unread_count(call: Call) -> Row:
    return {"count": sum(1 for row in call.workspace.emails if row["is_unread"])}


def mark_thread_read(call: Call) -> Row:
    for row in call.workspace.emails:
        if row["thread_id"] == call.params["thread_id"]:
            row["is_unread"] = 0
    return {"success": True}


def reply(call: Call) -> Row:
    """Reply to a mail by hand, from an account of the workspace."""
    original = find(call, call.body["reply_to_uuid"])
    to = original["from_address_email"] if original["ue_type"] == RECEIVED else original["to_address_email_list"]
    mail = _store_manual_mail(call, original, ",".join([to, *call.body.get("additional_recipients", [])]))
    expect_answer(call.simulation, call.workspace, mail)
    return mail


def forward(call: Call) -> Row:
    """Forward a mail; without ``include_original_body`` the request needs a body."""
    original = find(call, call.body["reply_to_uuid"])
    body = call.body.get("body") or {}
    if not (body.get("html") or body.get("text") or call.body.get("include_original_body")):
        raise bad_request("body must have required property 'body'")
    quoted = original["body"].get("html", "") if call.body.get("include_original_body") else ""
    return _store_manual_mail(call, original, call.body["to_address_email_list"], quoted)


def _store_manual_mail(call: Call, original: Row, to: str, quoted: str = "") -> Row:
    given = call.body
    account = call.workspace.accounts.get(given["eaccount"].lower())
    if account is None:
        raise bad_request("eaccount is not an email account of this workspace")
    if account["status"] < 0 and call.simulation.assumptions.broken_account_refuses:
        raise bad_request(f"The email account {account['email']} cannot send: its status is {account['status']}")
    lead = call.workspace.leads.get(original["lead_id"] or "")
    if given.get("assigned_to") and lead is not None:
        lead["assigned_to"] = given["assigned_to"]
    body = given.get("body") or {}
    html = f"{body.get('html') or (body.get('text') or '').replace(chr(10), '<br />')}{quoted}"
    mail = rows.email(
        call.new_id(),
        call.workspace.id,
        call.now_ms,
        html=html,
        text=body.get("text") or as_text(html),
        subject=given["subject"],
        from_address_email=account["email"],
        to_address_email_list=to,
        cc_address_email_list=given.get("cc_address_email_list"),
        bcc_address_email_list=given.get("bcc_address_email_list"),
        reminder_ts=given.get("reminder_ts"),
        campaign_id=original["campaign_id"],
        lead=original["lead"],
        lead_id=original["lead_id"],
        eaccount=account["email"],
        ue_type=MANUAL,
        thread_id=original["thread_id"],
    )
    store_mail(call.simulation, call.workspace, mail)
    return mail


def send_test(call: Call) -> Row:
    """Return the result of a test mail, always with status 200: account problems are reported in the body."""
    account = call.workspace.accounts.get(call.body["eaccount"].lower())
    if account is None:
        return {"error": "ACC_NOT_FOUND"}
    return {"error": "ACC_AUTH_ERROR"} if account["status"] < 0 else {"status": "success"}


LIST: dict[str, Rule] = {
    **PAGE,
    "search": text(),
    "campaign_id": uuid(),
    "list_id": uuid(),
    "i_status": number(),
    "eaccount": text(),
    "is_unread": flag(),
    "has_reminder": flag(),
    "mode": text(choices=tuple(MODES)),
    "preview_only": flag(),
    "sort_order": text(choices=("asc", "desc")),
    "scheduled_only": flag(),
    "assigned_to": text(),
    "lead": text(),
    "company_domain": text(),
    "marked_as_done": flag(),
    "email_type": text(choices=tuple(TYPES)),
    "min_timestamp_created": text(),
    "max_timestamp_created": text(),
    "latest_of_thread": flag(),
}
COPIES = {"cc_address_email_list": text(), "bcc_address_email_list": text(), "assigned_to": uuid()}
REPLY = obj(
    {
        "eaccount": text(required=True),
        "reply_to_uuid": text(required=True),
        "subject": text(required=True),
        "body": obj({"html": text(), "text": text()}, required=True),
        "additional_recipients": array(text(format="email")),
        "reminder_ts": text(format="date-time"),
        **COPIES,
    }
)
FORWARD = obj(
    {
        "eaccount": text(required=True),
        "reply_to_uuid": text(required=True),
        "to_address_email_list": text(required=True),
        "subject": text(required=True),
        "body": obj({"html": text(), "text": text()}),
        "reply_to": text(format="email"),
        "forwarded_attachments": text(),
        "include_original_body": flag(),
        **COPIES,
    }
)
TEST = obj(
    {
        "eaccount": text(required=True),
        "to_address_email_list": text(required=True),
        "subject": text(required=True),
        "body": obj({"html": text(required=True)}, required=True),
    }
)
CHANGE = obj({"is_unread": number(null=True), "reminder_ts": text(null=True, format="date-time")})

ROUTES = (
    Route("POST", "/emails/test", "emails:create", send_test, body=TEST, body_required=True),
    Route("POST", "/emails/reply", "emails:create", reply, body=REPLY, body_required=True),
    Route("POST", "/emails/forward", "emails:create", forward, body=FORWARD, body_required=True),
    Route("GET", "/emails", "emails:read", list_emails, query=LIST),
    Route("GET", "/emails/{id}", "emails:read", get),
    Route("PATCH", "/emails/{id}", "emails:update", change, body=CHANGE),
    Route("DELETE", "/emails/{id}", "emails:delete", delete),
    Route("GET", "/emails/unread/count", "emails:read", unread_count),
    Route("POST", "/emails/threads/{thread_id}/mark-as-read", "emails:update", mark_thread_read),
)
