"""Translatable words for event types, interests and message states, used by every page."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.events import REPLY_CATEGORY, STAFF_VERDICT, EventType
from messaging.intelligence.triage.classes import CATEGORIES, UNSURE

Words = Mapping[str, str | Promise]

EVENTS: Words = {
    EventType.EMAIL_SENT: _("Email sent"),
    EventType.EMAIL_OPENED: _("Email opened"),
    EventType.EMAIL_CLICKED: _("Link clicked"),
    EventType.REPLY_RECEIVED: _("Reply"),
    EventType.AUTO_REPLY_RECEIVED: _("Automatic reply"),
    EventType.EMAIL_BOUNCED: _("Bounced"),
    EventType.EMAIL_UNSUBSCRIBED: _("Unsubscribed"),
    EventType.EMAIL_SPAM_REPORT: _("Reported as spam"),
    EventType.LEAD_INTERESTED: _("Interested"),
    EventType.LEAD_NOT_INTERESTED: _("Not interested"),
    EventType.LEAD_NEUTRAL: _("Neutral"),
    EventType.LEAD_MEETING_BOOKED: _("Meeting booked"),
    EventType.LEAD_MEETING_COMPLETED: _("Meeting held"),
    EventType.LEAD_CLOSED: _("Won"),
    EventType.LEAD_OUT_OF_OFFICE: _("Out of office"),
    EventType.LEAD_WRONG_PERSON: _("Wrong person"),
    EventType.LEAD_NO_SHOW: _("Did not show up"),
    EventType.LEAD_COMPLETED: _("Sequence finished without a reply"),
    EventType.LEAD_ERROR: _("Error with this contact"),
    EventType.CAMPAIGN_STARTED: _("Campaign started"),
    EventType.CAMPAIGN_PAUSED: _("Campaign paused"),
    EventType.CAMPAIGN_COMPLETED: _("Campaign completed"),
    EventType.ACCOUNT_ERROR: _("Error of an email account"),
    EventType.ACCOUNT_SUSPENDED: _("Email account suspended"),
    EventType.ENRICHMENT_COMPLETED: _("Contact data completed"),
    EventType.CUSTOM: _("Label"),
    EventType.MANUAL_EMAIL_SENT: _("Email sent"),
    EventType.UNTRACKED_REPLY_RECEIVED: _("Reply"),
    EventType.UNTRACKED_AUTO_REPLY_RECEIVED: _("Automatic reply"),
    STAFF_VERDICT: _("Rating by the agency"),
    REPLY_CATEGORY: _("Reply sorted"),
    "message_sent": _("Email sent"),
    "message_received": _("Email received"),
}
MESSAGE_STATUS: Words = {
    "sent": _("Sent"),
    "opened": _("Opened"),
    "clicked": _("Clicked"),
    "replied": _("Replied"),
    "bounced": _("Bounced"),
    "received": _("Reply"),
    "auto_reply": _("Automatic reply"),
}
UNSORTED = _("Not sorted yet")


def interest(value: str | None) -> str | Promise:
    """Return a contact's interest in words: a lead status, or the custom label unchanged."""
    return EVENTS.get(value or "", value or "")


def category(value: str | None) -> str | Promise:
    """Return a reply's category in words."""
    if value is None:
        return UNSORTED
    known = CATEGORIES.get(value)  # type: ignore[call-overload]  # equal to its text
    return _("Unsure") if value == UNSURE else known.label if known else value


def event_in_words(type: str, detail: str = "") -> str:
    """Return the event in words, with its text where the type alone is not enough."""
    if type == REPLY_CATEGORY:
        return gettext("Sorted as: %(category)s") % {"category": category(detail or None)}
    if type == STAFF_VERDICT:
        words = interest(detail) if detail else gettext("withdrawn")
        return gettext("Rating by the agency: %(interest)s") % {"interest": words}
    if type == EventType.CUSTOM:
        return gettext("Label: %(label)s") % {"label": detail[:80]}
    return str(EVENTS.get(type, type))
