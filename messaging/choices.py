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


class MessageKind(TextChoices):
    CAMPAIGN = "campaign", "Of a campaign"
    MANUAL = "manual", "Written by hand, or of no campaign"


class ConversationState(TextChoices):
    """Whose turn it is; `snoozed` until its time or the next reply."""

    OPEN = "open", "Open"
    WAITING = "waiting", "Waiting for the person"
    SNOOZED = "snoozed", "Snoozed"
    DONE = "done", "Done"


class DoneReason(TextChoices):
    """Why a conversation is done. A person says one of the first five; the others follow from what happened."""

    HANDLED = "handled", "Handled"
    NOT_INTERESTED = "not_interested", "Not interested"
    WRONG_PERSON = "wrong_person", "Wrong person"
    LEFT_COMPANY = "left_company", "Left the company"
    OTHER = "other", "Other"
    UNSUBSCRIBE = "unsubscribe", "Unsubscribed"
    COMPLAINT = "complaint", "Complained"
    MOVED = "moved", "Its mails belong to another organization now"


class Lane(TextChoices):
    """Parts of the inbox."""

    NEEDS_REPLY = "needs_reply", "Needs reply"
    MEETING = "meeting", "Meeting"
    QUESTION = "question", "Question"
    OBJECTION = "objection", "Objection"
    LATER = "later", "Later"
    AWAY = "away", "Away"
    UNSURE = "unsure", "Unsure"
    WAITING = "waiting", "Waiting"
    SNOOZED = "snoozed", "Snoozed"
    DONE = "done", "Done"
    UNTRACKED = "untracked", "Untracked"
