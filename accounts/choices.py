"""Enumerations of the app accounts: roles, languages, providers, states of connections and accounts.

A provider may report values beyond these: an unknown one is stored as received.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    ADMIN = "sb_admin", _("Admin: everything")
    OPERATOR = "sb_operator", _("Operator: everything but keys, users and deleting")
    VIEWER = "sb_viewer", _("Viewer: reads")


class MembershipRole(TextChoices):
    """Role of a person in an organization; accounts/permissions.py lists what each may do."""

    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")
    OBSERVER = "observer", _("Observer")


class Language(TextChoices):
    """Languages of pages and mails, each labelled in its own language."""

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
    WECONNECT = "weconnect", _("WeConnect (not supported yet)")


class ConnectionStatus(TextChoices):
    NEW = "new", _("Never tried")
    WORKING = "working", _("Working")
    UNAUTHORIZED = "unauthorized", _("Key refused")
    UNPAID = "unpaid", _("No paid plan")
    FORBIDDEN = "forbidden", _("Key lacks a scope")
    FAILING = "failing", _("Failing")


class EmailAccountStatus(TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    MAINTENANCE = "maintenance", _("Paused for maintenance (resumes itself)")
    CONNECTION_ERROR = "connection_error", _("Connection error")
    SOFT_BOUNCE_ERROR = "soft_bounce_error", _("Soft bounce error")
    SENDING_ERROR = "sending_error", _("Sending error")
    ERROR = "error", _("Error (reported by an event)")
    SUSPENDED = "suspended", _("Suspended")
    UNKNOWN = "unknown", _("Unknown")


class WarmupStatus(TextChoices):
    PAUSED = "paused", _("Paused")
    ACTIVE = "active", _("Active")
    BANNED = "banned", _("Banned")
    SPAM_FOLDER_UNKNOWN = "spam_folder_unknown", _("Spam folder unknown")
    PERMANENTLY_SUSPENDED = "permanently_suspended", _("Permanently suspended")
    UNKNOWN = "unknown", _("Unknown")


class MailProvider(TextChoices):
    CUSTOM = "custom", "Custom IMAP/SMTP"
    GOOGLE = "google", "Google"
    MICROSOFT = "microsoft", "Microsoft"
    AWS = "aws", "AWS"
    AIRMAIL = "airmail", "AirMail"
    AIRMAIL_INSTANT = "airmail_instant", "AirMail Instant"
    UNKNOWN = "unknown", _("Unknown")
