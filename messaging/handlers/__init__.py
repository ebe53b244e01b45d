"""Event handlers: one pure function per event type, from the event to the changes of rows it causes.

Handlers assume nothing about order or first delivery; they read no database and hold no state. A new event is a name in
instantly/processing/vocabulary.py, an EventType, a function here and its line in HANDLERS.
"""

from collections.abc import Callable, Iterator

from messaging.events import Change, EventType, ProviderEvent

from . import account, campaign, email, lead

Handler = Callable[[ProviderEvent], Iterator[Change]]

HANDLERS: dict[EventType, Handler] = {
    EventType.EMAIL_SENT: email.handle_sent,
    EventType.EMAIL_OPENED: email.handle_opened,
    EventType.EMAIL_CLICKED: email.handle_clicked,
    EventType.REPLY_RECEIVED: email.handle_reply,
    EventType.AUTO_REPLY_RECEIVED: email.handle_auto_reply,
    EventType.MANUAL_EMAIL_SENT: email.handle_manual_sent,
    EventType.UNTRACKED_REPLY_RECEIVED: email.handle_untracked_reply,
    EventType.UNTRACKED_AUTO_REPLY_RECEIVED: email.handle_untracked_auto_reply,
    EventType.EMAIL_BOUNCED: email.handle_bounced,
    EventType.EMAIL_UNSUBSCRIBED: email.handle_unsubscribed,
    EventType.EMAIL_SPAM_REPORT: email.handle_spam_report,
    EventType.LEAD_INTERESTED: lead.handle_status,
    EventType.LEAD_NOT_INTERESTED: lead.handle_status,
    EventType.LEAD_NEUTRAL: lead.handle_status,
    EventType.LEAD_MEETING_BOOKED: lead.handle_meeting_booked,
    EventType.LEAD_MEETING_COMPLETED: lead.handle_status,
    EventType.LEAD_CLOSED: lead.handle_status,
    EventType.LEAD_OUT_OF_OFFICE: lead.handle_status,
    EventType.LEAD_WRONG_PERSON: lead.handle_status,
    EventType.LEAD_NO_SHOW: lead.handle_status,
    EventType.LEAD_COMPLETED: lead.handle_presence,
    EventType.LEAD_ERROR: lead.handle_presence,
    EventType.CUSTOM: lead.handle_status,
    EventType.CAMPAIGN_STARTED: campaign.handle_status,
    EventType.CAMPAIGN_PAUSED: campaign.handle_status,
    EventType.CAMPAIGN_COMPLETED: campaign.handle_status,
    EventType.ACCOUNT_ERROR: account.handle_status,
    EventType.ACCOUNT_SUSPENDED: account.handle_status,
    EventType.ENRICHMENT_COMPLETED: campaign.handle_nothing,
}


def changes(event: ProviderEvent) -> tuple[Change, ...]:
    """Return the changes of rows an event causes, in order; none if it has neither campaign nor lead."""
    return tuple(HANDLERS[event.type](event))
