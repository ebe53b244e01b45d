"""Outcomes of contacts by score: each scored just before its first reply of a quarter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from messaging.contact_engagement import events_of
from messaging.intelligence.scoring.bands import Outcome
from messaging.intelligence.scoring.engagement import WELCOMING, Engagement, Event, Signal, Weights, engagement
from messaging.intelligence.scoring.fit import FitMapping, fit
from messaging.models import Contact, ContactVariables

CHUNK = 1_000
SETTLED = timedelta(days=7)
"""Time after which a contact who has not replied is scored."""

POSITIVE = ("lead_interested", "lead_meeting_booked", "lead_meeting_completed", "lead_closed")
LEVELS = ("1", "2", "3")
GRADES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class ScoredContact:
    """A contact's score at a moment. `engagement` under the shipped or learned weights, as of `on`; `band` is empty for an excluded
    contact."""

    contact: UUID
    band: str
    engagement: Engagement
    positive: bool
    on: date


@dataclass(frozen=True, slots=True)
class Read:
    """Contacts with the events and the fit of each; read once, then scored as of several days."""

    contacts: Sequence[Contact]
    events: Mapping[UUID, Sequence[Event]]
    grades: Mapping[UUID, str | None]


def read_contacts(contacts: Sequence[Contact], mapping: FitMapping) -> Read:
    """Return the contacts, all of one organization, with their events and fit; in two statements, in the caller's scope."""
    return Read(contacts, events_of(contacts), grades_of(contacts, mapping))


def band_names(mapping: FitMapping) -> list[str]:
    """Return the bands there can be, best first: without a mapping engagement alone. A contact without variables has no grade."""
    if not (mapping.title or mapping.employees or mapping.industry):
        return list(LEVELS)
    return [f"{grade}{level}" for level in LEVELS for grade in (*GRADES, "")]


def band(grade: str | None, found: Engagement) -> str:
    return f"{grade or ''}{found.level}" if found.level else ""


def quarter_of(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a day's quarter and of the next one, in UTC."""
    start = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = start + timedelta(days=93)
    return _midnight(start), _midnight(after.replace(day=1))


def contacts_in_chunks(organization_id: UUID) -> Iterator[list[Contact]]:
    """Yield the contacts of an organization by key. In the caller's scope."""
    last = UUID(int=0)
    while True:
        rows = Contact.objects.filter(organization=organization_id, pk__gt=last).order_by("pk")[:CHUNK]
        if not (chunk := list(rows)):
            return
        last = chunk[-1].pk
        yield chunk


def grades_of(contacts: Sequence[Contact], mapping: FitMapping) -> dict[UUID, str | None]:
    """Return each contact's fit, None where no mapped variable is known; in one statement, none without a mapping."""
    if not (mapping.title or mapping.employees or mapping.industry):
        return {}
    rows = ContactVariables.objects.filter(organization=contacts[0].organization_id, pk__in=[c.pk for c in contacts])
    return {pk: fit(variables, mapping).grade for pk, variables in rows.values_list("pk", "variables")}


def scored(read: Read, *, start: datetime, end: datetime, now: datetime, weights: Weights) -> list[ScoredContact]:
    """Return those of the contacts that were written to from `start` to `end` (exclusive), each with its score before the outcome."""
    events, grades = read.events, read.grades
    found = []
    for contact in read.contacts:
        own = events[contact.pk]
        sent = [event.at for event in own if event.signal is Signal.SENT and start <= event.at < min(end, now)]
        if not sent:
            continue
        replies = [event.at for event in own if event.signal is Signal.HUMAN_REPLY and start <= event.at < end]
        moment = min(replies) - timedelta(seconds=1) if replies else min(max(sent) + SETTLED, end, now)
        before = engagement(own, now=moment, weights=weights)
        positive = any(moment < at < end for at in _positive(contact, own))
        found.append(
            ScoredContact(
                contact.pk, band(grades.get(contact.pk), before), before, positive, moment.astimezone(UTC).date()
            )
        )
    return found


def outcome(each: ScoredContact) -> Outcome:
    return Outcome(str(each.contact), each.band, each.positive, each.on)


def _positive(contact: Contact, events: Sequence[Event]) -> list[datetime]:
    """Return the time at which a contact showed interest, by a reply's category, by its valid interest, or by a meeting."""
    found = [event.at for event in events if event.signal is Signal.CATEGORY and event.category in WELCOMING]
    found += [event.at for event in events if event.signal is Signal.MEETING]
    interest, at = (
        (contact.interest, contact.interest_at)
        if contact.staff_interest is None
        else (contact.staff_interest, contact.staff_interest_at)
    )
    return [*found, at] if interest in POSITIVE and at else found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
