"""Emulated endpoints of email accounts' daily stats and warm-up, the latter by background jobs."""

from collections import defaultdict
from typing import Any

from ..state.clock import DAY_MS, day, parse_instant
from ..state.identifiers import stable_number
from ..state.journal import RecordedEvent
from ..state.rows import update_row
from ..state.tables import Row
from ..wire import Refusal
from .accounts import FILTERS
from .analytics import EventCounts, activity_fields
from .background_jobs import start_job
from .errors import bad_request, message_only
from .routing import Call, Route
from .validation import array, flag, obj, text

LONGEST_DAYS = 31
MOST_ACCOUNTS = 200
WARMUP_DAYS = 10


def daily(call: Call) -> list[Row]:
    """GET /accounts/analytics/daily: one entry per day and account that sent. Both dates are whole days, at most 31."""
    emails = call.query.get("emails")
    if not emails:
        raise message_only("emails is required")
    if len(set(emails)) > MOST_ACCOUNTS:
        raise Refusal(413, f"At most {MOST_ACCOUNTS} accounts can be asked for at once")
    try:
        end = parse_instant(call.query.get("end_date") or day(call.now_ms))
        start = parse_instant(call.query["start_date"]) if call.query.get("start_date") else end - 29 * DAY_MS
    except ValueError:
        raise message_only("Invalid date") from None
    if start > end:
        raise message_only("Start Date must be earlier than End Date")
    if end - start >= LONGEST_DAYS * DAY_MS:
        raise message_only(f"The maximum range is {LONGEST_DAYS} days")
    wanted = {email.lower() for email in emails}
    groups: defaultdict[tuple[str, str], list[RecordedEvent]] = defaultdict(list)
    for event in call.workspace.journal.everything(start, end + DAY_MS - 1):
        if event.email_account and event.email_account in wanted:
            groups[day(event.ms), event.email_account].append(event)
    return [_day(date, email, events) for (date, email), events in sorted(groups.items())]


def _day(date: str, email: str, events: list[RecordedEvent]) -> Row:
    counts = EventCounts(events)
    return {"date": date, "email_account": email, "bounced": counts.total["email_bounced"], **activity_fields(counts)}


def warmup_analytics(call: Call) -> Row:
    """POST /accounts/warmup-analytics. The numbers are invented, but constant for an account and a day."""
    by_date: dict[str, Any] = {}
    together: dict[str, Any] = {}
    for email in call.body["emails"]:
        account = call.workspace.accounts.get(email.lower())
        if account is None or account["warmup_status"] == 0:
            continue  # documented: accounts may be missing
        days = {}
        for back in range(WARMUP_DAYS, 0, -1):
            date = day(call.now_ms - back * DAY_MS)
            sent = 8 + stable_number(9, email, date, "sent")
            spam = stable_number(3, email, date, "spam") if account["status"] < 0 else 0
            days[date] = {"sent": sent, "landed_inbox": sent - spam, "received": sent, "landed_spam": spam}
        sums = {
            name: sum(one[name] for one in days.values())
            for name in ("sent", "landed_inbox", "received", "landed_spam")
        }
        score = round(100 * sums["landed_inbox"] / sums["sent"])
        by_date[email] = days
        together[email] = {**sums, "health_score_label": f"{score}%", "health_score": score}
    return {"email_date_data": by_date, "aggregate_data": together}


def enable_warmup(call: Call) -> Row:
    return _switch_warmup(call, 1)


def disable_warmup(call: Call) -> Row:
    return _switch_warmup(call, 0)


def _switch_warmup(call: Call, status: int) -> Row:
    """Switch the accounts immediately; returns the background job, whose progress follows the clock."""
    body = call.body
    excluded = {email.lower() for email in body.get("excluded_emails", [])}
    if body.get("include_all_emails"):
        chosen = FILTERS.get((body.get("filter") or {}).get("filter") or "")
        wanted = (body.get("search") or "").lower()
        rows = [row for row in call.workspace.accounts if wanted in row["email"] and (chosen is None or chosen(row))]
    elif body.get("emails"):
        rows = [row for email in body["emails"] if (row := call.workspace.accounts.get(email.lower()))]
    else:
        raise bad_request("Either emails or include_all_emails must be given")
    for row in rows:
        if row["email"] not in excluded and row["warmup_status"] >= 0:
            update_row(row, call.now_ms, warmup_status=status)
    return start_job(call, "update-warmup-accounts", entity_id=call.workspace.id, entity_type="workspace")


EMAILS = array(text(), at_most=100)
WARMUP = obj(
    {
        "emails": EMAILS,
        "include_all_emails": flag(),
        "excluded_emails": EMAILS,
        "filter": obj({"tag_id": text(), "filter": text(null=True, choices=tuple(FILTERS))}, null=True),
        "search": text(),
    }
)
DAILY = {"start_date": text(), "end_date": text(), "emails": array(text())}

ROUTES = (
    Route("POST", "/accounts/warmup/enable", None, enable_warmup, body=WARMUP),
    Route("POST", "/accounts/warmup/disable", None, disable_warmup, body=WARMUP),
    Route(
        "POST",
        "/accounts/warmup-analytics",
        "accounts:read",
        warmup_analytics,
        body=obj({"emails": array(text(), required=True, at_least=1, at_most=100)}),
        body_required=True,
    ),
    Route("GET", "/accounts/analytics/daily", None, daily, query=DAILY),
)
