"""Facts of contacts that decide the next step, from messages, categories and suppressions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from messaging.intelligence.next_steps.ask_reading import NextStep
from messaging.intelligence.next_steps.reading import AUTOMATIC
from messaging.intelligence.next_steps.states import Happening, Kind
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).resolve().parent.parent / "sql" / "follow_ups")
INTERESTED = ("lead_interested", "lead_meeting_booked", "lead_meeting_completed", "lead_closed")


@dataclass(frozen=True, slots=True)
class Fact:
    """Latest fact of one kind about a contact, such as a sent mail, a reply or an absence. `step`: the request or date read in the message
    the fact is from; None for dates of the contact and suppressions.
    """

    kind: Kind
    at: datetime
    until: date | None
    step: NextStep | None

    @property
    def happening(self) -> Happening:
        return Happening(self.kind, self.at, self.until)


Facts = dict[Kind, Fact]


def facts_of(contacts: Sequence[UUID], *, now: datetime) -> dict[UUID, Facts]:
    """Return the facts of these contacts up to `now`, by kind, in one statement. In the caller's scope, which decides whose are seen."""
    found: dict[UUID, Facts] = {id: {} for id in contacts}
    values = {"contacts": list(found), "automatic": list(AUTOMATIC), "interested": list(INTERESTED), "now": now}
    for contact, kind, at, until, _message, asks, on, address, words in db.prepared(SQL["facts"], values):
        step = NextStep(asks, on, address or None, words) if asks else None
        found[contact][Kind(kind)] = Fact(Kind(kind), at, until, step)
    return found
