"""Enumerations of the app campaigns: status, reasons for not sending, kinds of assignment rules.

A provider's status number without a word here stays readable in the column `status_code`.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CampaignStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    RUNNING_SUBSEQUENCES = "running_subsequences", _("Running subsequences")
    ACCOUNT_SUSPENDED = "account_suspended", _("Email account suspended")
    ACCOUNTS_UNHEALTHY = "accounts_unhealthy", _("Email accounts unhealthy")
    BOUNCE_PROTECT = "bounce_protect", _("Stopped by bounce protection")
    UNKNOWN = "unknown", _("Unknown")


class NotSending(TextChoices):
    OUTSIDE_SCHEDULE = "outside_schedule", _("Outside its schedule")
    WAITING_FOR_LEAD = "waiting_for_lead", _("Waiting for a lead")
    DAILY_LIMIT = "daily_limit", _("Campaign's daily limit reached")
    ACCOUNTS_DAILY_LIMIT = "accounts_daily_limit", _("Daily limit of all email accounts reached")
    ERROR = "error", _("Error at the provider")
    UNKNOWN = "unknown", _("Unknown")


class RuleKind(TextChoices):
    NAME_PREFIX = "name_prefix", _("Name begins with")
    NAME_CONTAINS = "name_contains", _("Name contains")
    NAME_PATTERN = "name_pattern", _("Name fits the pattern")
    TAG = "tag", _("Has the tag")
    SENDER_DOMAIN = "sender_domain", _("Sends from the domain")
    LISTED = "listed", _("Is in the list")
