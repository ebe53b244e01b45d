"""Admin pages of deliveries, syncs, alerts, findings and staff actions."""

from . import alerts, campaigns_and_accounts, deliveries, findings, jobs, runs, staff_actions

__all__ = ["alerts", "campaigns_and_accounts", "deliveries", "findings", "jobs", "runs", "staff_actions"]
