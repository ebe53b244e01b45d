"""Admin pages of contacts, messages, events, stats and suppressions."""

from . import contacts, events, messages, stats, suppressions

__all__ = ["contacts", "events", "messages", "stats", "suppressions"]
