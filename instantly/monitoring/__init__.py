"""Health of the feed and alerts, read by health checks, metrics and the admin."""
