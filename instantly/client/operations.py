"""Table of the operations of Instantly's API v2 that this product calls: method, path, scope.

Names of paths, parameters and fields are Instantly's (https://developer.instantly.ai/api-reference); a test compares them with the
vendor's OpenAPI document. ``scope`` is the minimal scope of an API key (empty: not documented).
"""

from dataclasses import dataclass

from .rate_limit import BudgetKind

PAGED = ("limit", "starting_after")
_CAMPAIGN_FIELDS = (
    "name", "pl_value", "is_evergreen", "campaign_schedule", "sequences", "email_gap", "random_wait_max", "text_only",
    "first_email_text_only", "email_list", "daily_limit", "stop_on_reply", "email_tag_list", "link_tracking",
    "open_tracking", "stop_on_auto_reply", "daily_max_leads", "prioritize_new_leads", "auto_variant_select",
    "match_lead_esp", "stop_for_company", "insert_unsubscribe_header", "allow_risky_contacts", "disable_bounce_protect",
    "limit_emails_per_company_override", "cc_list", "bcc_list", "owned_by", "provider_routing_rules",
)  # fmt: skip
_WEBHOOK_FIELDS = ("campaign", "name", "target_hook_url", "event_type", "custom_interest_value", "headers")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method and path with the query parameters and body fields we may send.

    ``body`` is None where there is none, empty where Instantly takes ``{}``. ``reads`` marks a POST that changes
    nothing, so it is repeated like a GET.
    """

    method: str
    path: str
    scope: str = ""
    query: tuple[str, ...] = ()
    body: tuple[str, ...] | None = None
    reads: bool = False
    budget: BudgetKind = "general"

    @property
    def safe(self) -> bool:
        """Return whether the call may be repeated without harm."""
        return self.method == "GET" or self.reads

    def __str__(self) -> str:
        return f"{self.method} /api/v2{self.path}"


# Workspace
CURRENT_WORKSPACE = Operation("GET", "/workspaces/current", "workspaces:read")
WORKSPACE_GROUP_MEMBERS = Operation("GET", "/workspace-group-members", "workspace_group_members:read", PAGED)
PLAN_DETAILS = Operation("GET", "/workspace-billing/plan-details", "workspace_billing:read")
API_KEYS = Operation("GET", "/api-keys", "api_keys:read", PAGED)
CUSTOM_TAGS = Operation("GET", "/custom-tags", "custom_tags:read", (*PAGED, "search", "resource_ids", "tag_ids"))
BACKGROUND_JOBS = Operation(
    "GET", "/background-jobs", "background-jobs:read",
    (*PAGED, "ids", "type", "entity_type", "entity_id", "status"),
)  # fmt: skip
BACKGROUND_JOB = Operation("GET", "/background-jobs/{id}", "background-jobs:read", ("data_fields",))

# Campaigns
CAMPAIGNS = Operation(
    "GET", "/campaigns", "campaigns:read", (*PAGED, "search", "tag_ids", "status", "exclude_status")
)  # fmt: skip
CAMPAIGN = Operation("GET", "/campaigns/{id}", "campaigns:read")
CREATE_CAMPAIGN = Operation("POST", "/campaigns", "campaigns:create", body=(*_CAMPAIGN_FIELDS, "ai_sdr_id"))
UPDATE_CAMPAIGN = Operation("PATCH", "/campaigns/{id}", "campaigns:update", body=_CAMPAIGN_FIELDS)
DELETE_CAMPAIGN = Operation("DELETE", "/campaigns/{id}", "campaigns:delete")
ACTIVATE_CAMPAIGN = Operation("POST", "/campaigns/{id}/activate", "campaigns:update", body=())
PAUSE_CAMPAIGN = Operation("POST", "/campaigns/{id}/pause", "campaigns:update", body=())
DUPLICATE_CAMPAIGN = Operation("POST", "/campaigns/{id}/duplicate", "campaigns:create", body=("name",))
EXPORT_CAMPAIGN = Operation("POST", "/campaigns/{id}/export", "campaigns:read", body=(), reads=True)
CAMPAIGN_SENDING_STATUS = Operation("GET", "/campaigns/{id}/sending-status", "campaigns:read", ("with_ai_summary",))
CAMPAIGN_ANALYTICS = Operation(
    "GET", "/campaigns/analytics", query=("ids", "start_date", "end_date", "exclude_total_leads_count")
)  # fmt: skip
CAMPAIGN_ANALYTICS_OVERVIEW = Operation(
    "GET", "/campaigns/analytics/overview",
    query=("ids", "start_date", "end_date", "campaign_status", "expand_crm_events"),
)  # fmt: skip
CAMPAIGN_ANALYTICS_DAILY = Operation(
    "GET", "/campaigns/analytics/daily", query=("campaign_id", "start_date", "end_date", "campaign_status")
)  # fmt: skip
CAMPAIGN_ANALYTICS_STEPS = Operation(
    "GET", "/campaigns/analytics/steps", query=("campaign_id", "start_date", "end_date", "include_opportunities_count")
)  # fmt: skip

# Email accounts (their key is the address)
EMAIL_ACCOUNTS = Operation(
    "GET", "/accounts", "accounts:read",
    (*PAGED, "search", "status", "provider_code", "tag_ids", "include_tags", "filter"),
)  # fmt: skip
EMAIL_ACCOUNT = Operation("GET", "/accounts/{email}", "accounts:read")
UPDATE_EMAIL_ACCOUNT = Operation(
    "PATCH", "/accounts/{email}", "accounts:update",
    body=(
        "first_name", "last_name", "warmup", "daily_limit", "tracking_domain_name", "tracking_domain_status",
        "enable_slow_ramp", "inbox_placement_test_limit", "sending_gap", "signature", "reply_to", "skip_cname_check",
        "remove_tracking_domain",
    ),
)  # fmt: skip
PAUSE_EMAIL_ACCOUNT = Operation("POST", "/accounts/{email}/pause", "accounts:update", body=())
RESUME_EMAIL_ACCOUNT = Operation("POST", "/accounts/{email}/resume", "accounts:update", body=())
ENABLE_WARMUP = Operation("POST", "/accounts/warmup/enable", body=("emails",))
DISABLE_WARMUP = Operation("POST", "/accounts/warmup/disable", body=("emails",))
MOVE_EMAIL_ACCOUNTS = Operation(
    "POST", "/accounts/move", body=("emails", "source_workspace_id", "destination_workspace_id")
)  # fmt: skip
WARMUP_ANALYTICS = Operation("POST", "/accounts/warmup-analytics", "accounts:read", body=("emails",), reads=True)
EMAIL_ACCOUNT_ANALYTICS_DAILY = Operation(
    "GET", "/accounts/analytics/daily", query=("start_date", "end_date", "emails")
)  # fmt: skip

# Leads (there is no GET list)
ADD_LEADS = Operation(
    "POST", "/leads/add", "leads:create",
    body=(
        "campaign_id", "list_id", "leads", "blocklist_id", "assigned_to", "verify_leads_on_import",
        "skip_if_in_workspace", "skip_if_in_campaign", "skip_if_in_list",
    ),
)  # fmt: skip
LEADS = Operation(
    "POST", "/leads/list", "leads:read", reads=True,
    body=(*PAGED, "search", "filter", "campaign", "list_id", "in_campaign", "in_list", "ids", "contacts"),
)  # fmt: skip
LEAD = Operation("GET", "/leads/{id}", "leads:read")
UPDATE_LEAD = Operation(
    "PATCH", "/leads/{id}", "leads:update",
    body=(
        "personalization", "website", "last_name", "first_name", "company_name", "job_title", "phone",
        "lt_interest_status", "pl_value_lead", "assigned_to", "custom_variables",
    ),
)  # fmt: skip
DELETE_LEAD = Operation("DELETE", "/leads/{id}", "leads:delete")
UPDATE_INTEREST_STATUS = Operation(
    "POST", "/leads/update-interest-status",
    body=("lead_email", "interest_value", "campaign_id", "ai_interest_value", "disable_auto_interest", "list_id"),
)  # fmt: skip
LEAD_LABELS = Operation("GET", "/lead-labels", "lead-labels:read", (*PAGED, "search", "interest_status"))

# Mails (the list has a rate limit of its own, 20 a minute)
EMAILS = Operation(
    "GET", "/emails", "emails:read",
    (
        *PAGED, "search", "campaign_id", "list_id", "i_status", "eaccount", "is_unread", "mode", "preview_only",
        "sort_order", "lead", "email_type", "min_timestamp_created", "max_timestamp_created", "latest_of_thread",
        "has_reminder", "scheduled_only", "assigned_to", "company_domain", "marked_as_done",
    ),
    budget="emails",
)  # fmt: skip
EMAIL = Operation("GET", "/emails/{id}", "emails:read")
UPDATE_EMAIL = Operation("PATCH", "/emails/{id}", "emails:update", body=("is_unread", "reminder_ts"))
REPLY = Operation(
    "POST", "/emails/reply", "emails:create",
    body=(
        "eaccount", "reply_to_uuid", "subject", "body", "additional_recipients", "cc_address_email_list",
        "bcc_address_email_list", "reminder_ts", "assigned_to",
    ),
)  # fmt: skip
UNREAD_COUNT = Operation("GET", "/emails/unread/count", "emails:read")
MARK_THREAD_READ = Operation("POST", "/emails/threads/{thread_id}/mark-as-read", "emails:update", body=())

# Webhooks and the log of their deliveries
WEBHOOKS = Operation("GET", "/webhooks", "webhooks:read", (*PAGED, "campaign", "event_type"))
WEBHOOK = Operation("GET", "/webhooks/{id}", "webhooks:read")
CREATE_WEBHOOK = Operation("POST", "/webhooks", "webhooks:create", body=_WEBHOOK_FIELDS)
UPDATE_WEBHOOK = Operation("PATCH", "/webhooks/{id}", "webhooks:update", body=_WEBHOOK_FIELDS)
DELETE_WEBHOOK = Operation("DELETE", "/webhooks/{id}", "webhooks:delete")
WEBHOOK_EVENT_TYPES = Operation("GET", "/webhooks/event-types")
TEST_WEBHOOK = Operation("POST", "/webhooks/{id}/test", body=())
RESUME_WEBHOOK = Operation("POST", "/webhooks/{id}/resume", "webhooks:update", body=())
WEBHOOK_EVENTS = Operation(
    "GET", "/webhook-events", "webhook_events:read", (*PAGED, "success", "from", "to", "search")
)  # fmt: skip
WEBHOOK_EVENT = Operation("GET", "/webhook-events/{id}", "webhook_events:read")
WEBHOOK_EVENTS_SUMMARY = Operation("GET", "/webhook-events/summary", query=("from", "to"))
WEBHOOK_EVENTS_BY_DATE = Operation("GET", "/webhook-events/summary-by-date", query=("from", "to"))

OPERATIONS: dict[str, Operation] = {
    name.lower(): value for name, value in tuple(globals().items()) if isinstance(value, Operation)
}
