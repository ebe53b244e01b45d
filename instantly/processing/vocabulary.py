"""Map Instantly's event names to our event types; any other becomes CUSTOM, with its text.

Two vocabularies exist at Instantly: names to subscribe to and names that are delivered, and they differ. The names of the
specification that Instantly never sends are accepted too: another source may send them. Source: webhooks.md, "Event types" (vendor
documentation, captures, an operator's notes).
"""

from messaging.events import AI_AGENT_EMAIL_SENT, EventType

ALIASES = {
    "link_clicked": EventType.EMAIL_CLICKED,  # delivered; one subscribes with email_link_clicked
    "email_link_clicked": EventType.EMAIL_CLICKED,
    "lead_unsubscribed": EventType.EMAIL_UNSUBSCRIBED,
    "campaign_completed_for_lead_without_reply": EventType.LEAD_COMPLETED,
    "supersearch_enrichment_completed": EventType.ENRICHMENT_COMPLETED,
    AI_AGENT_EMAIL_SENT: EventType.MANUAL_EMAIL_SENT,  # from the inbox only: Email.ai_agent_id
}

NAMES = {type.value: type for type in EventType if type is not EventType.CUSTOM} | ALIASES


def event_type(name: str) -> EventType:
    """Return our event type for a delivered `event_type`; never raises."""
    return NAMES.get(name, EventType.CUSTOM)
