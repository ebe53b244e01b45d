"""Parts that need all apps: admin site, dashboard, health checks, metrics."""
