"""Fixed words of this app. Provider words may be extended: unknown ones are stored as they come."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    ADMIN = "sb_admin", "Admin: everything"
    OPERATOR = "sb_operator", "Operator: everything but keys, users and deleting"
    VIEWER = "sb_viewer", "Viewer: reads"


class MembershipRole(TextChoices):
    """What a person may do in an organization; accounts/permissions.py says what each includes."""

    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")
    OBSERVER = "observer", _("Observer")


class Language(TextChoices):
    """Languages of pages and mails, each called as its speakers call it."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class AccessAction(TextChoices):
    READ = "read", _("Read")
    ANSWERED = "answered", _("Answered")


class AccessParty(TextChoices):
    AGENCY = "agency", _("Agency")
    TEAM = "team", _("Team")


class Provider(TextChoices):
    INSTANTLY = "instantly", "Instantly"
    WECONNECT = "weconnect", "WeConnect (named for later)"


class ConnectionStatus(TextChoices):
    NEW = "new", "Never tried"
    WORKING = "working", "Working"
    UNAUTHORIZED = "unauthorized", "Key refused"
    UNPAID = "unpaid", "No paid plan"
    FORBIDDEN = "forbidden", "Key lacks a scope"
    FAILING = "failing", "Failing"


class EmailAccountStatus(TextChoices):
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    MAINTENANCE = "maintenance", "Paused for maintenance (resumes itself)"
    CONNECTION_ERROR = "connection_error", "Connection error"
    SOFT_BOUNCE_ERROR = "soft_bounce_error", "Soft bounce error"
    SENDING_ERROR = "sending_error", "Sending error"
    ERROR = "error", "Error (reported by an event)"
    SUSPENDED = "suspended", "Suspended"
    UNKNOWN = "unknown", "Unknown"


class WarmupStatus(TextChoices):
    PAUSED = "paused", "Paused"
    ACTIVE = "active", "Active"
    BANNED = "banned", "Banned"
    SPAM_FOLDER_UNKNOWN = "spam_folder_unknown", "Spam folder unknown"
    PERMANENTLY_SUSPENDED = "permanently_suspended", "Permanently suspended"
    UNKNOWN = "unknown", "Unknown"


class MailProvider(TextChoices):
    CUSTOM = "custom", "Custom IMAP/SMTP"
    GOOGLE = "google", "Google"
    MICROSOFT = "microsoft", "Microsoft"
    AWS = "aws", "AWS"
    AIRMAIL = "airmail", "AirMail"
    AIRMAIL_INSTANT = "airmail_instant", "AirMail Instant"
    UNKNOWN = "unknown", "Unknown"
