"""Health of the webhook event feed, and alerts: data of health checks, metrics and admin pages."""
