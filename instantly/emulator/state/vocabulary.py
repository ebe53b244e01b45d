"""Instantly's names and numbers for events, subscriptions, interest values and statuses.

Delivered and subscribed names differ: a click is subscribed to as ``email_link_clicked`` and delivered as
``link_clicked``; automatic replies and custom labels cannot be subscribed to by name.
"""

ALL_EVENTS = "all_events"

# delivered name -> (subscription name or None, label in GET /webhooks/event-types)
EVENTS: dict[str, tuple[str | None, str]] = {
    "email_sent": ("email_sent", "Email Sent"),
    "email_opened": ("email_opened", "Email Opened"),
    "link_clicked": ("email_link_clicked", "Email Link Clicked"),
    "reply_received": ("reply_received", "Reply Received"),
    "auto_reply_received": (None, "Auto Reply Received"),
    "email_bounced": ("email_bounced", "Email Bounced"),
    "lead_unsubscribed": ("lead_unsubscribed", "Lead Unsubscribed"),
    "campaign_completed": ("campaign_completed", "Campaign Completed"),
    "account_error": ("account_error", "Account Error"),
    "lead_neutral": ("lead_neutral", "Lead Neutral"),
    "lead_interested": ("lead_interested", "Lead Interested"),
    "lead_not_interested": ("lead_not_interested", "Lead Not Interested"),
    "lead_meeting_booked": ("lead_meeting_booked", "Lead Meeting Booked"),
    "lead_meeting_completed": ("lead_meeting_completed", "Lead Meeting Completed"),
    "lead_closed": ("lead_closed", "Lead Closed"),
    "lead_out_of_office": ("lead_out_of_office", "Lead Out Of Office"),
    "lead_wrong_person": ("lead_wrong_person", "Lead Wrong Person"),
    "lead_no_show": ("lead_no_show", "Lead No Show"),
    "supersearch_enrichment_completed": ("supersearch_enrichment_completed", "SuperSearch Enrichment Completed"),
    "campaign_completed_for_lead_without_reply": (None, "Campaign Completed For Lead Without Reply"),
}
SUBSCRIPTIONS = (ALL_EVENTS, *(name for name, _ in EVENTS.values() if name))

# lt_interest_status -> delivered name. -3 ("Lost") has no documented event; None is a lead set back to plain "Lead".
INTEREST_EVENTS: dict[float | None, str] = {
    0: "lead_out_of_office",
    1: "lead_interested",
    2: "lead_meeting_booked",
    3: "lead_meeting_completed",
    4: "lead_closed",
    -1: "lead_not_interested",
    -2: "lead_wrong_person",
    -4: "lead_no_show",
    None: "lead_neutral",
}
INTEREST_VALUES = (1, 2, 3, 4, 0, -1, -2, -3, -4)
OPPORTUNITIES = ("lead_interested", "lead_meeting_booked", "lead_meeting_completed", "lead_closed")

CAMPAIGN_STATUSES = {
    -99: "account_suspended",
    -2: "bounce_protect",
    -1: "accounts_unhealthy",
    0: "draft",
    1: "active",
    2: "paused",
    3: "completed",
    4: "running_subsequences",
}
ACCOUNT_STATUSES = (1, 2, 3, -1, -2, -3)
PROVIDER_CODES = (1, 2, 3, 4, 8, 11)
LEAD_STATUSES = (1, 2, 3, -1, -2, -3)
ACTIVE, PAUSED, COMPLETED, DRAFT, ACCOUNTS_UNHEALTHY = 1, 2, 3, 0, -1
BOUNCED, UNSUBSCRIBED, SKIPPED = -1, -2, -3
