"""Admin pages of webhook deliveries, syncs, alerts and staff actions."""

from . import alerts, campaigns_and_accounts, deliveries, jobs, runs, staff_actions

__all__ = ["alerts", "campaigns_and_accounts", "deliveries", "jobs", "runs", "staff_actions"]
