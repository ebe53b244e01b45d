"""Admin pages of organizations, users, connections and email accounts."""

from . import audit, connections, email_accounts, organizations, tokens, users

__all__ = ["audit", "connections", "email_accounts", "organizations", "tokens", "users"]
