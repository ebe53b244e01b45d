"""What arrived, where it stands, what was synced, what is wrong, what was asked for: staff's pages about Instantly."""

from . import alerts, campaigns_and_accounts, deliveries, jobs, runs, staff_actions

__all__ = ["alerts", "campaigns_and_accounts", "deliveries", "jobs", "runs", "staff_actions"]
