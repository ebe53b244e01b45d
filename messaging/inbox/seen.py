"""The newest event of a contact: what somebody who looks at a conversation has seen."""

from django.db.models import F, Max, QuerySet

from messaging.models import Event


def newest_event(events: QuerySet[Event]) -> int:
    """Return the greatest number among a contact's events, 0 where there are none."""
    # Not Max("pk"): the planner would walk back through the whole log's key until it meets one of this contact.
    return int(events.aggregate(last=Max(F("pk") + 0))["last"] or 0)
