"""What arrived, where it stands, what was synced, what is wrong: staff's pages about Instantly."""

from . import alerts, deliveries, jobs, runs

__all__ = ["alerts", "deliveries", "jobs", "runs"]
