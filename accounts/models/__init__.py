from .audit import AuditEntry
from .connection import ProviderConnection, WebhookSecret
from .email_account import EmailAccount
from .organization import Membership, Organization
from .user import User

__all__ = ["AuditEntry", "EmailAccount", "Membership", "Organization", "ProviderConnection", "User", "WebhookSecret"]
