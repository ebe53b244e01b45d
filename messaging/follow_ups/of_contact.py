"""Follow-up of one contact, with the preferences of its organization."""

from datetime import datetime

from messaging.follow_ups.follow_up import FollowUp, follow_ups
from messaging.follow_ups.preferences import preferences
from messaging.models import Contact


def follow_up_of(contact: Contact, *, now: datetime) -> FollowUp:
    """Return the contact's follow-up, in three statements. In the caller's scope; `now` in the reader's time zone."""
    organization = contact.organization_id
    (found,) = follow_ups({contact.pk: preferences([organization])[organization]}, now=now)
    return found
