"""Emulated sending status of a campaign with its reasons: GET /campaigns/{id}/sending-status."""

from typing import Any

from ..life import schedule
from ..state.clock import iso
from ..state.tables import Row
from ..state.vocabulary import ACTIVE, CAMPAIGN_STATUSES
from ..state.workspaces import Workspace
from .campaigns import find
from .routing import Call, Route
from .validation import flag

WITHOUT_DIAGNOSTICS = ("campaign_draft", "campaign_paused")  # diagnostics is null for these
MESSAGES = {
    "healthy": "The campaign is sending.",
    "campaign_draft": "The campaign was not launched yet.",
    "campaign_paused": "The campaign is paused.",
    "campaign_completed": "The campaign is completed.",
    "waiting_for_leads": "The campaign is waiting for leads.",
    "no_accounts_available": "No account is available for sending.",
    "all_accounts_unhealthy": "All accounts of the campaign have errors.",
    "out_of_schedule": "The campaign is outside its schedule.",
    "daily_limit_met": "The campaign reached its daily limit.",
    "account_daily_limit_met": "All accounts reached their daily limits.",
}
BY_REASON = {1: "out_of_schedule", 3: "daily_limit_met", 4: "account_daily_limit_met"}


def sending_status(call: Call) -> Row:
    campaign = find(call, call.params["id"])
    return describe_status(call, campaign, status_of(call, campaign), "campaign_id")


def status_of(call: Call, campaign: Row) -> str:
    """The documented name of a campaign's current state."""
    if campaign["status"] != ACTIVE:
        return f"campaign_{CAMPAIGN_STATUSES[campaign['status']]}"
    space = call.workspace
    accounts = [account for email in campaign["email_list"] if (account := space.accounts.get(email))]
    if not accounts:
        return "no_accounts_available"
    if all(account["status"] != ACTIVE for account in accounts):
        return "all_accounts_unhealthy"
    reason = schedule.reason_not_to_send(space, campaign, call.now_ms, call.simulation.assumptions)
    if reason:
        return BY_REASON[reason]
    sending = space.sending[campaign["id"]]
    finds = sending.finds_leads and sending.leads_to_find != 0
    return "healthy" if finds or sending.fresh or sending.due else "waiting_for_leads"


def describe_status(call: Call, campaign: Row, status: str, field: str) -> Row:
    last = _last_sent(call.workspace, campaign["id"])
    message = MESSAGES.get(status, status.replace("_", " ").capitalize() + ".")
    summary = {
        "status": status,
        "status_message": message,
        "issue_started_at": None,
        "last_healthy_send_at": last,
        "ai_summary": message if call.query.get("with_ai_summary") else None,
    }
    if status in WITHOUT_DIAGNOSTICS:
        return {"diagnostics": None, "summary": summary}
    return {"diagnostics": {field: campaign["id"], **_diagnostics(call, campaign, status, last)}, "summary": summary}


def _diagnostics(call: Call, campaign: Row, status: str, last: str | None) -> dict[str, Any]:
    space = call.workspace
    accounts = [account for email in campaign.get("email_list", []) if (account := space.accounts.get(email))]
    available = [account for account in accounts if account["status"] == ACTIVE]
    limit = campaign.get("daily_limit") or 0
    sent = schedule.sent_today(space, campaign, call.now_ms)
    healthy = status == "healthy"
    return {
        "last_updated": iso(call.now_ms),
        "status": status,
        "issue_tracking": {
            "current_status_code": None if healthy else status,
            "issue_first_seen_at": None,
            "consecutive_loops_with_issue": 0,
            "last_healthy_send_at": last,
        },
        "accounts_summary": {
            "total_connected": len(accounts),
            "available": len(available),
            "unavailable": {
                "daily_limit_hit": 0,
                "slow_ramp_limit_hit": 0,
                "disconnected": len(accounts) - len(available),
                "global_gap_not_met": 0,
            },
        },
        "campaign_daily_limit": {"limit": limit, "sent": sent, "limit_hit": bool(limit) and sent >= limit},
        "new_lead_limit": {
            "enabled": campaign.get("daily_max_leads") is not None,
            "limit": campaign.get("daily_max_leads"),
            "contacted": 0,
            "limit_hit": False,
        },
        "schedule_status": {"in_schedule": status != "out_of_schedule"},
        "send_one_by_one": {"enabled": False, "single_account_per_wait_gap": False},
        "follow_ups_waiting": {"count": _follow_ups(space, campaign["id"]), "earliest_wait_time_seconds": None},
        "leads_status": {
            "no_leads_ready": status == "waiting_for_leads",
            "account_unavailable_skips": 0,
            "delay_not_met_skips": 0,
        },
    }


def _follow_ups(space: Workspace, campaign_id: str) -> int:
    sending = space.sending.get(campaign_id)
    return len(sending.due) if sending else 0


def _last_sent(space: Workspace, campaign_id: str) -> str | None:
    sent = [event.ms for event in space.journal.of_campaign(campaign_id) if event.event_type == "email_sent"]
    return iso(sent[-1]) if sent else None


ROUTES = (
    Route(
        "GET",
        "/campaigns/{id}/sending-status",
        "campaigns:read",
        sending_status,
        query={"with_ai_summary": flag()},
    ),
)
