"""What arrived, where it stands, what was synced, what is wrong, what was asked for: staff's pages about Instantly."""

from . import actions, alerts, deliveries, jobs, operated, runs

__all__ = ["actions", "alerts", "deliveries", "jobs", "operated", "runs"]
