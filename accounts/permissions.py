"""Permissions of each staff role in the admin; the policies enforce the same."""

from accounts.choices import StaffRole

VIEWS = {"view"}
WORKS = {"view", "add", "change"}
FOR_ADMINS = {"user", "membership", "providerconnection", "webhooksecret", "authtoken", "logentry"}
"""Keys and people: an operator may look at a connection, and that is all."""


def may(role: str, permission: str) -> bool:
    """Return whether a staff role has a Django permission such as `campaigns.change_campaign`; no role has none."""
    if role == StaffRole.ADMIN:
        return True
    verb, _, model = permission.rpartition(".")[2].partition("_")
    if role == StaffRole.VIEWER:
        return verb in VIEWS
    if role == StaffRole.OPERATOR:
        return verb in (VIEWS if model in FOR_ADMINS else WORKS)
    return False
