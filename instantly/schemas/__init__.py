"""Pydantic models of Instantly's API responses, one module per subject, common base in ``base``."""

from .base import MASKED, Answer, reasons, word
from .campaigns import (
    Campaign,
    CampaignAnalytics,
    CampaignDay,
    CampaignOverview,
    CampaignStatus,
    CampaignStep,
    EmailAccountDay,
    NotSending,
    SendingStatus,
)
from .email_accounts import (
    EmailAccount,
    EmailAccountStatus,
    MailProvider,
    MovedEmailAccounts,
    WarmupAnalytics,
    WarmupStatus,
)
from .emails import Email, EmailKind
from .leads import CreatedLead, InterestStatus, Lead, LeadLabel, LeadsAdded, LeadStatus, NewLead, Variable
from .webhooks import (
    Webhook,
    WebhookEvent,
    WebhookEventsDay,
    WebhookEventsSummary,
    WebhookEventType,
    WebhookStatus,
    WebhookTest,
)
from .workspace import ApiKey, BackgroundJob, CustomTag, PlanDetails, Workspace, WorkspaceGroupMember

__all__ = [
    "MASKED",
    "Answer",
    "ApiKey",
    "BackgroundJob",
    "Campaign",
    "CampaignAnalytics",
    "CampaignDay",
    "CampaignOverview",
    "CampaignStatus",
    "CampaignStep",
    "CreatedLead",
    "CustomTag",
    "Email",
    "EmailAccount",
    "EmailAccountDay",
    "EmailAccountStatus",
    "EmailKind",
    "InterestStatus",
    "Lead",
    "LeadLabel",
    "LeadStatus",
    "LeadsAdded",
    "MailProvider",
    "MovedEmailAccounts",
    "NewLead",
    "NotSending",
    "PlanDetails",
    "SendingStatus",
    "Variable",
    "WarmupAnalytics",
    "WarmupStatus",
    "Webhook",
    "WebhookEvent",
    "WebhookEventType",
    "WebhookEventsDay",
    "WebhookEventsSummary",
    "WebhookStatus",
    "WebhookTest",
    "Workspace",
    "WorkspaceGroupMember",
    "reasons",
    "word",
]
