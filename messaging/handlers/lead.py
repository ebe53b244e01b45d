"""Event handlers of leads: contact data and interest."""

from collections.abc import Iterator
from typing import Any

from messaging import identity
from messaging.events import Change, ContactChange, ProviderEvent

Changes = Iterator[Change]


def handle_status(event: ProviderEvent) -> Changes:
    """Set the lead's interest: a lead status, or a custom label; the latest by time counts."""
    yield from contact(
        event,
        interest=event.interest,
        interest_at=event.happened_at if event.interest else None,
        converses=event.interest is not None,
        **names(event),
    )


def handle_meeting_booked(event: ProviderEvent) -> Changes:
    yield from contact(
        event,
        interest=event.interest,
        interest_at=event.happened_at,
        meeting_at=event.happened_at,
        converses=True,
        **names(event),
    )


def handle_presence(event: ProviderEvent) -> Changes:
    """End or failure of a lead's sequence: logged, without a change of interest."""
    yield from contact(event, **names(event))


def contact(event: ProviderEvent, **facts: Any) -> Changes:
    if event.lead_email:
        yield ContactChange(
            id=identity.contact_id(event.organization_id, event.lead_email),
            organization_id=event.organization_id,
            email=event.lead_email,
            seen_at=event.happened_at,
            **facts,
        )


def names(event: ProviderEvent) -> dict[str, Any]:
    """Return the names and contact data an event reports, with its time as `named_at`; {} if it reports none."""
    variables = {
        "first_name": event.first_name,
        "last_name": event.last_name,
        "company": event.company,
        "phone": event.phone,
        "website": event.website,
    }
    return {**variables, "named_at": event.happened_at} if any(variables.values()) else {}
