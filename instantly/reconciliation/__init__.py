"""Repair of gaps in the event feed from Instantly's delivery log, inbox and leads, and the drift report."""
