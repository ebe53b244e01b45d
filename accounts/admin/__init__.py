"""Admin pages of organizations, users, connections and email accounts."""

from . import audit, connections, email_accounts, organizations, teams, tokens, users

__all__ = ["audit", "connections", "email_accounts", "organizations", "teams", "tokens", "users"]
