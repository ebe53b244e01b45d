"""Health of the event feed, and alerts: data of the health checks, metrics and admin pages."""
