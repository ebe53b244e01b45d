"""Find a contact's newest event id, stored as the point up to which a user has seen a conversation."""

from django.db.models import F, Max, QuerySet

from messaging.models import Event


def newest_event(events: QuerySet[Event]) -> int:
    """Return the greatest id among a contact's events, 0 without events."""
    # Not Max("pk"): the planner would walk back through the whole log's key until it meets one of this contact.
    return int(events.aggregate(last=Max(F("pk") + 0))["last"] or 0)
