"""Enumerations of the app messaging: kinds of messages, states of conversations, suppression reasons."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Direction(TextChoices):
    OUT = "out", _("Sent")
    IN = "in", _("Received")


class Origin(TextChoices):
    """Source from which an event became known."""

    WEBHOOK = "webhook", _("Webhook")
    BACKFILL = "backfill", _("Gap repair from the provider's log")
    DERIVED = "derived", _("Derived from a state change seen by a sync")
    STAFF = "staff", _("Our staff")
    CUSTOMER = "customer", _("The organization's people")
    RULE = "rule", _("Worked out by us")


class SuppressionReason(TextChoices):
    UNSUBSCRIBE = "unsubscribe", _("Unsubscribed")
    COMPLAINT = "complaint", _("Complained (spam report)")
    MANUAL = "manual", _("Entered by staff")
    IMPORT = "import", _("Imported")
    ERASED = "erased", _("Erased; the address is a keyed hash")


class MessageKind(TextChoices):
    CAMPAIGN = "campaign", _("Of a campaign")
    MANUAL = "manual", _("Written by hand, or of no campaign")


class ConversationState(TextChoices):
    """State of a conversation: whose turn it is; `snoozed` until its time or the next reply."""

    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting for the person")
    SNOOZED = "snoozed", _("Snoozed")
    DONE = "done", _("Done")


class DoneReason(TextChoices):
    """Reason why a conversation is closed. People choose one of the first five; the others follow from events."""

    HANDLED = "handled", _("Handled")
    NOT_INTERESTED = "not_interested", _("Not interested")
    WRONG_PERSON = "wrong_person", _("Wrong person")
    LEFT_COMPANY = "left_company", _("Left the company")
    OTHER = "other", _("Other")
    UNSUBSCRIBE = "unsubscribe", _("Unsubscribed")
    COMPLAINT = "complaint", _("Complained")
    MOVED = "moved", _("Its mails belong to another organization now")


class OutboxState(TextChoices):
    """State of a reply that our user writes, from the draft to the provider's response."""

    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("Unknown whether it was sent")


class Lane(TextChoices):
    """Sections (lanes) of the inbox."""

    NEEDS_REPLY = "needs_reply", _("Needs reply")
    MEETING = "meeting", _("Meeting")
    QUESTION = "question", _("Question")
    OBJECTION = "objection", _("Objection")
    LATER = "later", _("Later")
    AWAY = "away", _("Away")
    UNSURE = "unsure", _("Unsure")
    WAITING = "waiting", _("Waiting")
    SNOOZED = "snoozed", _("Snoozed")
    DONE = "done", _("Done")
    UNTRACKED = "untracked", _("Untracked")


class Severity(TextChoices):
    """Urgency of a finding, the most urgent first."""

    CRITICAL = "critical", _("Critical")
    WARNING = "warning", _("Warning")
    NOTICE = "notice", _("Notice")


class FindingTarget(TextChoices):
    """Kind of object a finding is about."""

    ORGANIZATION = "organization", _("Organization")
    CAMPAIGN = "campaign", _("Campaign")
    EMAIL_ACCOUNT = "email_account", _("Email account")
    CONNECTION = "connection", _("Connection")
    USER = "user", _("User")
    INSTALLATION = "installation", _("Installation")


class MeasurementKind(TextChoices):
    """Kind of value that we measure daily, because the provider reports only the current one."""

    WARMUP_SCORE = "warmup_score", _("Warm-up score")
    LEADS_LEFT = "leads_left", _("Leads not contacted yet")
