"""Emulated billing endpoints of a workspace: plan-details and subscription-details."""

from ..state.clock import DAY_MS
from ..state.tables import Row
from .routing import Call, Route

LEAD_LIMIT = 100_000
CREDITS = 10_000


def plan_details(call: Call) -> Row:
    """A monthly Hypergrowth plan with credits; ends of periods in Unix seconds."""
    leads = sum(1 for lead in call.workspace.leads if lead["campaign"])
    return {
        "organization_id": call.workspace.id,
        "organization_name": call.workspace.name,
        "subscriptions": {
            "outreach": {
                "plan_name": "Hypergrowth",
                "addons_qty": 0,
                "total_lead_limit": LEAD_LIMIT,
                "current_lead_count": leads,
                "base_lead_limit": LEAD_LIMIT,
                **_period(call, 97, "pid_hg_v1"),
            },
            "credits": {
                "plan_name": "Growth Credits",
                "total_credits": CREDITS,
                "available_credits": CREDITS,
                **_period(call, 47, "pid_gic_v1"),
                "price_option_id": "growth_2000",
            },
        },
        "addons": {},
    }


def subscription_details(call: Call) -> Row:
    period = _period(call, 97, "pid_hg_v1")
    return {
        "subscriptions": [
            {
                "workspace_id": call.workspace.id,
                "quantity": 1,
                "product_type": "prt_outreach",
                "plan_type": "plt_primary",
                "price_id": "price_hypergrowth_monthly",
                **period,
            }
        ],
        "all_subs_cancelled": False,
    }


def remaining_leads(call: Call) -> int:
    """The number of leads the plan still allows."""
    return max(0, LEAD_LIMIT - sum(1 for lead in call.workspace.leads if lead["campaign"]))


def _period(call: Call, price: int, product_id: str) -> Row:
    return {
        "interval": "month",
        "current_period_end": (call.now_ms - call.now_ms % DAY_MS + 30 * DAY_MS) // 1000,
        "cancel_at_time": None,
        "price_in_dollars": price,
        "product_id": product_id,
    }


ROUTES = (
    Route("GET", "/workspace-billing/plan-details", "workspace_billing:read", plan_details),
    Route("GET", "/workspace-billing/subscription-details", "workspace_billing:read", subscription_details),
)
