"""Run the whole proof and hand back what was seen."""

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import django
from django.db import connection, transaction

from salesbrain.admin_site.isolation import routes, tables, world
from salesbrain.rls.checks import refusals


@dataclass(slots=True)
class Proof:
    """What was tried and what was wrong. `breaches` empty: proved."""

    at: datetime
    versions: dict[str, str]
    cells: list[tables.Cell] = field(default_factory=list)
    calls: list[routes.Call] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        return [
            *self.refusals,
            *(f"{cell.who} {cell.verb} {cell.table}: {cell.seen}" for cell in self.cells if not cell.fits),
            *(f"{call.who}, {call.route}, {call.what}: {call.why} ({call.status})" for call in self.calls if call.why),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the matrices as they are kept in the audit log and shown to staff: table x who x verb, route x who."""
        matrix: dict[str, dict[str, dict[str, str]]] = {}
        for cell in self.cells:
            matrix.setdefault(cell.table, {}).setdefault(cell.who, {})[cell.verb] = cell.seen
        answers: dict[str, dict[str, list[int]]] = {}
        for call in self.calls:
            seen = answers.setdefault(call.route, {}).setdefault(call.who, [])
            if call.status not in seen:
                seen.append(call.status)
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "versions": self.versions,
            "statements": len(self.cells),
            "requests": len(self.calls),
            "breaches": self.breaches,
            "tables": matrix,
            "routes": answers,
        }


def prove() -> Proof:
    """Build two organizations, try everything as everybody, and leave nothing behind: all of it is one transaction that is
    rolled back. Answers what was seen; raises nothing for a breach."""
    proof = Proof(datetime.now(UTC), _versions(), refusals=[f"{id}: {text}" for id, text, _ in refusals()])
    with transaction.atomic():
        planted = world.build()
        proof.cells = list(tables.walk(planted))
        proof.calls = [*routes.walk_api(planted), *routes.walk_admin(planted)]
        transaction.set_rollback(True)
    return proof


def _versions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_user")
        server, login = cursor.fetchone()
    return {
        "postgresql": server,
        "database login": login,
        "django": django.get_version(),
        "python": platform.python_version(),
    }
