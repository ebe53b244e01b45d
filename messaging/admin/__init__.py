"""What happened between us and people: staff's pages."""

from . import contacts, events, messages, stats, suppressions

__all__ = ["contacts", "events", "messages", "stats", "suppressions"]
