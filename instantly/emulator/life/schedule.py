"""Conditions under which an emulated campaign sends: schedule, daily limits, healthy accounts.

Schedule and daily limits apply only where the assumptions say so.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..state.assumptions import Assumptions
from ..state.tables import Row
from ..state.vocabulary import ACTIVE
from ..state.workspaces import Workspace

OUTSIDE_SCHEDULE, WAITING_FOR_LEADS, DAILY_LIMIT, ACCOUNT_LIMITS = 1, 2, 3, 4


def reason_not_to_send(space: Workspace, campaign: Row, now_ms: int, assumptions: Assumptions) -> int | None:
    """Return why a campaign does not send (a ``not_sending_status``), None if it may."""
    if assumptions.obeys_schedules and not in_schedule(campaign, now_ms):
        return OUTSIDE_SCHEDULE
    if not assumptions.obeys_daily_limits:
        return None
    if campaign["daily_limit"] and sent_today(space, campaign, now_ms) >= campaign["daily_limit"]:
        return DAILY_LIMIT
    if campaign["email_list"] and not accounts_with_room(space, campaign, now_ms):
        return ACCOUNT_LIMITS
    return None


def set_reason(campaign: Row, reason: int | None) -> None:
    """Set ``not_sending_status``; without a reason the field is absent, as the document's enumeration has no null."""
    if reason is None:
        campaign.pop("not_sending_status", None)
    else:
        campaign["not_sending_status"] = reason


def in_schedule(campaign: Row, now_ms: int) -> bool:
    """Return whether one of the campaign's sending windows is open at this instant, in the window's own time zone."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    plan = campaign["campaign_schedule"]
    today = now.date().isoformat()
    if (plan.get("start_date") or today) > today or (plan.get("end_date") or today) < today:
        return False
    for window in plan["schedules"]:
        local = now.astimezone(_zone(window["timezone"]))
        weekday = str((local.weekday() + 1) % 7)  # Instantly's "0" is Sunday
        timing = window["timing"]
        if window["days"].get(weekday) and timing["from"] <= f"{local:%H:%M}" < timing["to"]:
            return True
    return False


def _zone(name: str) -> ZoneInfo:
    """Return the named time zone; UTC for old names on Instantly's list that a minimal system may lack."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def sent_today(space: Workspace, campaign: Row, now_ms: int) -> int:
    return space.journal.sent_on_day_of(now_ms, campaign["id"])


def accounts_with_room(space: Workspace, campaign: Row, now_ms: int) -> list[str]:
    """Return the campaign's accounts that are below their daily limit."""
    accounts = [account for email in campaign["email_list"] if (account := space.accounts.get(email))]
    return [account["email"] for account in accounts if has_room(space, account, now_ms)]


def has_room(space: Workspace, account: Row, now_ms: int) -> bool:
    return space.journal.sent_on_day_of(now_ms, account["email"]) < (account["daily_limit"] or 1e9)


def healthy_senders(space: Workspace, campaign: Row) -> list[str]:
    """Return the campaign's accounts without errors."""
    return [email for email in campaign["email_list"] if (space.accounts.get(email) or {}).get("status") == ACTIVE]


def able_senders(space: Workspace, campaign: Row, now_ms: int, assumptions: Assumptions) -> list[str]:
    """Return the campaign's accounts that can send now: healthy, and below their limit where limits are obeyed."""
    healthy = healthy_senders(space, campaign)
    if not assumptions.obeys_daily_limits:
        return healthy
    with_room = set(accounts_with_room(space, campaign, now_ms))
    return [email for email in healthy if email in with_room]
