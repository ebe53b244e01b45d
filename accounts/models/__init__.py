"""Models of organizations, users, connections, email accounts, tokens, invitations and logs."""

from .access import AccessEntry
from .audit import AuditEntry
from .authenticator import Authenticator
from .connection import ProviderConnection, WebhookSecret
from .email_account import EmailAccount
from .installation import InstallationSecret
from .invitation import Invitation, PasswordReset
from .organization import Membership, Organization
from .token import TokenAccess
from .user import User

__all__ = [
    "AccessEntry",
    "AuditEntry",
    "Authenticator",
    "EmailAccount",
    "InstallationSecret",
    "Invitation",
    "Membership",
    "Organization",
    "PasswordReset",
    "ProviderConnection",
    "TokenAccess",
    "User",
    "WebhookSecret",
]
