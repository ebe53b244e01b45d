"""Fixed words of this app."""

from django.db.models import TextChoices


class Direction(TextChoices):
    OUT = "out", "Sent"
    IN = "in", "Received"


class Origin(TextChoices):
    """How we came to know of an event."""

    WEBHOOK = "webhook", "Webhook"
    BACKFILL = "backfill", "Gap repair from the provider's log"
    DERIVED = "derived", "Derived from a state change seen by a sync"
    STAFF = "staff", "Our staff"
    CUSTOMER = "customer", "The organization's people"
    RULE = "rule", "Worked out by us"


class SuppressionReason(TextChoices):
    UNSUBSCRIBE = "unsubscribe", "Unsubscribed"
    COMPLAINT = "complaint", "Complained (spam report)"
    MANUAL = "manual", "Entered by staff"
    IMPORT = "import", "Imported"
    ERASED = "erased", "Erased; the address is a keyed hash"
