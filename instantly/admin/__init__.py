"""Admin pages of deliveries, syncs, alerts, findings and staff actions."""

from . import (
    alerts,
    assignment_rules,
    campaigns,
    connections,
    deliveries,
    email_accounts,
    events,
    findings,
    held_deliveries,
    jobs,
    organizations,
    runs,
    staff_actions,
)

__all__ = [
    "alerts",
    "assignment_rules",
    "campaigns",
    "connections",
    "deliveries",
    "email_accounts",
    "events",
    "findings",
    "held_deliveries",
    "jobs",
    "organizations",
    "runs",
    "staff_actions",
]
