"""Admin pages of contacts, messages, events, stats and suppressed addresses."""

from . import contacts, events, messages, stats, suppressions

__all__ = ["contacts", "events", "messages", "stats", "suppressions"]
