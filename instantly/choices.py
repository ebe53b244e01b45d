"""Enumerations of the app instantly: reasons to hold a webhook delivery, states of syncs, alerts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HeldReason(TextChoices):
    UNKNOWN_CAMPAIGN = "unknown_campaign", _("Its campaign is not known yet")
    WORKSPACE_MISMATCH = "workspace_mismatch", _("Its workspace is not the connection's")
    FAILED = "failed", _("Processing failed; it is tried again")
    DEAD = "dead", _("Given up, or unreadable")
    OVER_BUDGET = "over_budget", _("Reading its mail costs too much")
    OPERATOR = "operator", _("Held by an operator")
    DISMISSED = "dismissed", _("Dismissed")


class SyncStatus(TextChoices):
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    INCOMPLETE = "incomplete", _("Incomplete")
    FAILED = "failed", _("Failed")


class SyncTrigger(TextChoices):
    COMMAND = "command", _("Command")
    API = "api", "API"
    ADMIN = "admin", _("Admin")
    SCHEDULE = "schedule", _("Schedule")
    RECONCILE = "reconcile", _("Reconcile")


class AlertKind(TextChoices):
    WORKSPACE_MISMATCH = "workspace_mismatch", _("Deliveries of another workspace arrive")
    SYNC_FAILED = "sync_failed", _("Sync fails")
    SYNC_EMPTY = "sync_empty", _("Empty list from Instantly")
    WEBHOOK_DISABLED = "webhook_disabled", _("Instantly switched the webhook off")
    FEED_GAP = "feed_gap", _("The feed has a gap")
    DEAD_DELIVERIES = "dead_deliveries", _("Deliveries were given up")
    CONNECTION_REFUSED = "connection_refused", _("Instantly refuses the key")
    OVER_BUDGET = "over_budget", _("Mails that cost too much to read are held")
    QUEUE_STALLED = "queue_stalled", _("Deliveries wait too long to be processed")
    STEP_FAILING = "step_failing", _("A step of the worker fails again and again")


class PromotionState(TextChoices):
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Waits for confirmation")
    UNDONE = "undone", _("Undone")
    CONFIRMED = "confirmed", _("Confirmed")


class ActionState(TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Outcome unknown")
