"""Who we serve, who logs in, what we send from: staff's pages."""

from . import audit, connections, email_accounts, organizations, tokens, users

__all__ = ["audit", "connections", "email_accounts", "organizations", "tokens", "users"]
