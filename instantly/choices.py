"""Fixed words of this app."""

from django.db.models import TextChoices


class HeldReason(TextChoices):
    UNKNOWN_CAMPAIGN = "unknown_campaign", "Its campaign is not known yet"
    WORKSPACE_MISMATCH = "workspace_mismatch", "Its workspace is not the connection's"
    FAILED = "failed", "Processing failed; it is tried again"
    DEAD = "dead", "Given up, or unreadable"
    OVER_BUDGET = "over_budget", "Reading its mail costs too much"
    OPERATOR = "operator", "Held by an operator"
    DISMISSED = "dismissed", "Dismissed"


class SyncStatus(TextChoices):
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    INCOMPLETE = "incomplete", "Incomplete"
    FAILED = "failed", "Failed"


class SyncTrigger(TextChoices):
    COMMAND = "command", "Command"
    API = "api", "API"
    ADMIN = "admin", "Admin"
    SCHEDULE = "schedule", "Schedule"
    RECONCILE = "reconcile", "Reconcile"


class AlertKind(TextChoices):
    WORKSPACE_MISMATCH = "workspace_mismatch", "Deliveries of another workspace arrive"
    SYNC_FAILED = "sync_failed", "Sync fails"
    SYNC_EMPTY = "sync_empty", "Empty list from Instantly"
    WEBHOOK_DISABLED = "webhook_disabled", "Instantly switched the webhook off"
    FEED_GAP = "feed_gap", "The feed has a gap"
    DEAD_DELIVERIES = "dead_deliveries", "Deliveries were given up"
    CONNECTION_REFUSED = "connection_refused", "Instantly refuses the key"
    OVER_BUDGET = "over_budget", "Mails that cost too much to read are held"
    QUEUE_STALLED = "queue_stalled", "Deliveries wait too long to be processed"
    STEP_FAILING = "step_failing", "A step of the worker fails again and again"


class ActionState(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
