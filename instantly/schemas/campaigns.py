"""Response models of campaigns and their analytics.

Source: https://developer.instantly.ai/api-reference/campaign
"""

from enum import IntEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field

from .base import MAX_KEY, WHOLE, Answer, Flag, Number, OptionalMoment, Text


class CampaignStatus(IntEnum):
    DRAFT = 0
    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    RUNNING_SUBSEQUENCES = 4
    ACCOUNT_SUSPENDED = -99
    ACCOUNTS_UNHEALTHY = -1
    BOUNCE_PROTECT = -2


class NotSending(IntEnum):
    OUTSIDE_SCHEDULE = 1
    WAITING_FOR_LEAD = 2
    DAILY_LIMIT = 3
    ACCOUNTS_DAILY_LIMIT = 4
    ERROR = 99


class Campaign(Answer):
    """A campaign. ``email_list`` are the addresses it sends from, only ``sequences[0]`` counts."""

    id: str = Field(min_length=1, max_length=MAX_KEY)
    name: str
    status: Annotated[CampaignStatus | int, Field(union_mode="left_to_right"), WHOLE]
    not_sending_status: Annotated[NotSending | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    timestamp_created: OptionalMoment = None
    timestamp_updated: OptionalMoment = None
    campaign_schedule: dict[str, Any] | None = None
    sequences: list[Any] | None = None
    email_list: list[str] | None = None
    email_tag_list: list[str] | None = None
    daily_limit: Number = None
    daily_max_leads: Number = None
    email_gap: Number = None
    random_wait_max: Number = None
    pl_value: Number = None
    is_evergreen: Flag = None
    text_only: Flag = None
    first_email_text_only: Flag = None
    stop_on_reply: Flag = None
    stop_on_auto_reply: Flag = None
    stop_for_company: Flag = None
    link_tracking: Flag = None
    open_tracking: Flag = None
    prioritize_new_leads: Flag = None
    match_lead_esp: Flag = None
    insert_unsubscribe_header: Flag = None
    allow_risky_contacts: Flag = None
    disable_bounce_protect: Flag = None
    auto_variant_select: dict[str, Any] | None = None
    limit_emails_per_company_override: dict[str, Any] | None = None
    core_variables: dict[str, Any] | None = None
    custom_variables: dict[str, Any] | None = None
    cc_list: list[str] | None = None
    bcc_list: list[str] | None = None
    organization: Text = None
    owned_by: Text = None
    ai_sdr_id: Text = None
    provider_routing_rules: list[Any] | None = None


class SendingStatus(Answer):
    """Reasons why a campaign sends nothing or little. Both parts are None if Instantly gives none."""

    KEY: ClassVar[str] = "status"
    diagnostics: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None

    @property
    def status(self) -> str:
        """Return the reason as Instantly's word (``out_of_schedule``, ``healthy`` …), empty when there is none."""
        return str((self.diagnostics or {}).get("status") or (self.summary or {}).get("status") or "")


class _Counters(Answer):
    emails_sent_count: Number = None
    contacted_count: Number = None
    new_leads_contacted_count: Number = None
    open_count: Number = None
    open_count_unique: Number = None
    open_count_unique_by_step: Number = None
    reply_count: Number = None
    reply_count_unique: Number = None
    reply_count_unique_by_step: Number = None
    reply_count_automatic: Number = None
    reply_count_automatic_unique: Number = None
    reply_count_automatic_unique_by_step: Number = None
    link_click_count: Number = None
    link_click_count_unique: Number = None
    link_click_count_unique_by_step: Number = None
    bounced_count: Number = None
    unsubscribed_count: Number = None
    completed_count: Number = None
    total_opportunities: Number = None
    total_opportunity_value: Number = None


class CampaignAnalytics(_Counters):
    """Totals of one campaign in the window asked for. Counters the answer leaves out are None, not 0."""

    KEY: ClassVar[str] = "campaign_id"
    campaign_id: str = Field(min_length=1)
    campaign_name: Text = None
    campaign_status: Annotated[CampaignStatus | int | None, Field(union_mode="left_to_right"), WHOLE] = None
    campaign_is_evergreen: Flag = None
    leads_count: Number = None


class CampaignOverview(_Counters):
    """Analytics of several campaigns as one sum, with interest. Here ``open_count`` counts all opens."""

    KEY: ClassVar[str] = "emails_sent_count"
    total_interested: Number = None
    total_meeting_booked: Number = None
    total_meeting_completed: Number = None
    total_closed: Number = None


class _SentAndAnswered(Answer):
    sent: Number = None
    opened: Number = None
    unique_opened: Number = None
    replies: Number = None
    unique_replies: Number = None
    replies_automatic: Number = None
    unique_replies_automatic: Number = None
    clicks: Number = None
    unique_clicks: Number = None


class CampaignDay(_SentAndAnswered):
    """Analytics of one UTC day; ``date`` is YYYY-MM-DD."""

    KEY: ClassVar[str] = "date"
    date: str
    contacted: Number = None
    new_leads_contacted: Number = None
    opportunities: Number = None
    unique_opportunities: Number = None


class CampaignStep(_SentAndAnswered):
    """Analytics of one step and variant. Both are texts or None here, and ``variant`` counts from "0" (in webhooks from 1)."""

    KEY: ClassVar[str] = "step"
    step: Text = None
    variant: Text = None
    opportunities: Number = None
    unique_opportunities: Number = None
    meetings_booked: Number = None
    won: Number = None


class EmailAccountDay(_SentAndAnswered):
    """Analytics of one email account on one UTC day."""

    KEY: ClassVar[str] = "email_account"
    date: str
    email_account: str
    bounced: Number = None
    contacted: Number = None
    new_leads_contacted: Number = None
