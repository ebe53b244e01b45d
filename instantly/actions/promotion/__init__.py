"""Promotion of a customer out of a shared workspace into one of its own: candidates, plan, run, undo."""
