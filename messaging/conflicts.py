"""Conflicts between customers: people and companies that two of them write to; for staff only.

Compares only the newest contacts of each customer, LOOKED_AT in all, so that its time is bounded at any size of the tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from accounts.models import Organization
from messaging import identity
from messaging.inbox.free_mail import FREE_MAIL
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parent / "sql" / "conflicts")
LOOKED_AT = 50_000
HASHED = "SELECT set_config('work_mem', '32MB', true)"
"""SQL that makes PostgreSQL count LOOKED_AT addresses in memory, instead of sorting files, for the rest of the transaction."""
FEWEST = 100
"""Minimum of contacts of each customer that are compared, for any number of customers."""
LISTED = 100


@dataclass(frozen=True, slots=True)
class Side:
    """One of the customers in a conflict, and how many of its contacts are concerned. `contact_id`: its contact with that person; None: the
    conflict is about a company.
    """

    organization: Organization
    contacts: int
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person (an address) or a company (a domain) that several customers write to."""

    name: str
    sides: Sequence[Side]


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Conflicts found; `each`: number of contacts of each customer that were compared."""

    people: Sequence[Conflict]
    companies: Sequence[Conflict]
    each: int


def find_conflicts() -> Conflicts:
    """Return the conflicts that concern most customers, in three statements. Call in a staff scope or SYSTEM, in a transaction."""
    customers = {row.pk: row for row in Organization.objects.filter(is_active=True, is_house=False)}
    each = max(FEWEST, LOOKED_AT // max(1, len(customers)))
    parameters = {"most": each, "listed": LISTED, "free_mail": sorted(FREE_MAIL)}
    found: dict[str, list[Conflict]] = {"person": [], "company": []}
    db.prepared(HASHED)
    for kind, name, organizations, contacts in db.prepared(SQL["latest"], parameters):
        sides = [
            Side(customers[pk], count, identity.contact_id(pk, name) if kind == "person" else None)
            for pk, count in zip(organizations, contacts, strict=True)
            if pk in customers
        ]
        found[kind].append(Conflict(name, sides))
    return Conflicts(found["person"], found["company"], each)
