"""Models of this app, one module a subject."""

from .audit import AuditEntry
from .authenticator import Authenticator
from .connection import ProviderConnection, WebhookSecret
from .email_account import EmailAccount
from .installation import InstallationSecret
from .organization import Membership, Organization
from .user import User

__all__ = [
    "AuditEntry",
    "Authenticator",
    "EmailAccount",
    "InstallationSecret",
    "Membership",
    "Organization",
    "ProviderConnection",
    "User",
    "WebhookSecret",
]
