"""Repair of gaps in the event feed from Instantly's log, inbox and leads; the drift report."""
