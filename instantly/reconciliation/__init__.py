"""Repair gaps in the event feed from Instantly's log, inbox and leads; report drift of the stats."""
