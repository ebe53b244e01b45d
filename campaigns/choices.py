"""Fixed words of this app. An unmapped provider number stays readable in `status_code`."""

from django.db.models import TextChoices


class CampaignStatus(TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    RUNNING_SUBSEQUENCES = "running_subsequences", "Running subsequences"
    ACCOUNT_SUSPENDED = "account_suspended", "Email account suspended"
    ACCOUNTS_UNHEALTHY = "accounts_unhealthy", "Email accounts unhealthy"
    BOUNCE_PROTECT = "bounce_protect", "Stopped by bounce protection"
    UNKNOWN = "unknown", "Unknown"


class NotSending(TextChoices):
    OUTSIDE_SCHEDULE = "outside_schedule", "Outside its schedule"
    WAITING_FOR_LEAD = "waiting_for_lead", "Waiting for a lead"
    DAILY_LIMIT = "daily_limit", "Campaign's daily limit reached"
    ACCOUNTS_DAILY_LIMIT = "accounts_daily_limit", "Daily limit of all email accounts reached"
    ERROR = "error", "Error at the provider"
    UNKNOWN = "unknown", "Unknown"


class RuleKind(TextChoices):
    NAME_PREFIX = "name_prefix", "Name begins with"
    NAME_CONTAINS = "name_contains", "Name contains"
    TAG = "tag", "Has the tag"
