"""Wiring that imports the apps: admin site, dashboard, health, metrics."""
