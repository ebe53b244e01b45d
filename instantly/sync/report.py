"""Counts of a sync's result that add up: imported + updated + unchanged + errors = listed."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from instantly.choices import SyncStatus

MOST_ERRORS_KEPT = 200


@dataclass
class Counts:
    """Counts of one kind of object; `missing` and `forgotten` are not part of the sum."""

    listed: int = 0
    imported: int = 0
    updated: int = 0
    errors: int = 0
    missing: int = 0
    found_again: int = 0
    forgotten: int = 0
    requests: int = 0
    complete: bool = False

    @property
    def unchanged(self) -> int:
        return self.listed - self.imported - self.updated - self.errors

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"unchanged": self.unchanged}


@dataclass
class SyncReport:
    """Result of one sync of a connection, for people, for --json and for the API."""

    connection: str
    connection_id: UUID
    started_at: datetime
    finished_at: datetime | None = None
    run_id: UUID | None = None
    status: SyncStatus = SyncStatus.RUNNING
    kinds: dict[str, Counts] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    derived: int = 0
    assigned: int = 0
    released: int = 0
    requests: int = 0
    dry_run: bool = False

    def problem(self, kind: str, id: str, reason: str) -> None:
        """Add an error; `id` is the provider's, or empty."""
        if len(self.problems) < MOST_ERRORS_KEPT:
            self.problems.append({"kind": kind, "id": id, "reason": reason})

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0

    def counts(self) -> dict[str, Any]:
        """Return the value of SyncRun.counts."""
        kinds = {kind: counts.as_dict() for kind, counts in self.kinds.items()}
        return kinds | {
            "derived": self.derived,
            "assigned": self.assigned,
            "released": self.released,
            "seconds": round(self.seconds, 3),
        }

    def as_data(self) -> dict[str, Any]:
        """Return the counts under flat names (campaigns_imported, accounts_updated, …) and in nested form."""
        flat = {
            f"{name}_{figure}": value
            for kind, name in (("campaigns", "campaigns"), ("email_accounts", "accounts"))
            for figure, value in self.kinds.get(kind, Counts()).as_dict().items()
            if figure in ("listed", "imported", "updated", "unchanged", "missing")
        }
        return {
            "connection": self.connection,
            "provider_connection_id": str(self.connection_id),
            "sync_run_id": str(self.run_id) if self.run_id else None,
            "status": str(self.status),
            **flat,
            "errors": self.problems,
            "campaigns_assigned": self.assigned,
            "events_derived": self.derived,
            "deliveries_released": self.released,
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
        }

    def lines(self) -> Iterator[str]:
        """Return the report as lines of text."""
        would = "would be " if self.dry_run else ""
        yield f"{self.connection}: {self.status} in {self.seconds:.1f} s, {self.requests} requests"
        for kind, counts in self.kinds.items():
            numbers = [f"{counts.listed} listed"]
            for figure in ("imported", "updated", "missing", "found_again", "forgotten"):
                if value := getattr(counts, figure):
                    numbers.append(f"{value} {would}{figure.replace('_', ' ')}")
            numbers += [f"{counts.unchanged} unchanged", f"{counts.errors} errors"]
            partial = "" if counts.complete else " (listing incomplete: nothing was marked missing)"
            yield f"  {kind.replace('_', ' ')}: {', '.join(numbers)}{partial}"
        if self.assigned:
            yield f"  {self.assigned} campaigns assigned by rules"
        if self.derived or self.released:
            yield f"  {self.derived} events derived, {self.released} held deliveries released"
        for problem in self.problems:
            yield f"  ! {problem['kind']} {problem['id']}: {problem['reason']}".replace("  :", ":")
