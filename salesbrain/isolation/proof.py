"""Run all isolation checks in order, and collect their result."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import connections, transaction

from salesbrain.isolation import (
    catalogue,
    customer_services,
    http_client,
    operations,
    pages,
    portal,
    row_diff,
    scopes,
    side_channels,
    tables,
)
from salesbrain.isolation.findings import Finding, Notes
from salesbrain.isolation.fixtures import World, build
from salesbrain.isolation.scratch_database import scratch_database
from salesbrain.kernel.env import BASE_DIR

MUST_BE_TRIED = (
    "catalogue.enabled", "catalogue.forced", "catalogue.every_table", "catalogue.policies", "catalogue.rights",
    "catalogue.functions", "catalogue.keys", "catalogue.roles", "world.every_table", "tables.select", "tables.copy",
    "tables.insert", "tables.update", "tables.delete", "tables.truncate", "functions.search", "keys.composite",
    "back_doors.tried", "services.listed", "services.own", "services.roles", "services.alike", "services.foreign",
    "operations.foreign", "operations.alike", "operations.own", "operations.observer", "routes.covered", "pages.closed",
    "pages.refused", "pages.secrets", "portal.closed", "portal.foreign", "portal.refused", "portal.works",
    "operations.changed", "others.foreign", "unchanged.rows",
)  # fmt: skip
"""Checks without which a proof is void; it fails if one of them never ran."""


@dataclass(frozen=True)
class Proof:
    """Tries and findings of one run, with version and time (UTC)."""

    at: datetime
    version: str
    postgresql: str
    rules: str  # digest of the catalogue that was proved
    live: str  # how the real database compares: "same", "not compared", or "different"
    tries: dict[str, int]
    findings: list[Finding]
    matrices: dict[str, list[dict[str, Any]]]
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.findings

    def as_data(self) -> dict[str, Any]:
        """Return the proof as a dictionary that can be written as JSON."""
        return {
            "holds": self.holds,
            "at": self.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "version": self.version,
            "postgresql": self.postgresql,
            "rules": self.rules,
            "real_database": self.live,
            "seconds": round(self.seconds, 1),
            "tries": self.tries,
            "findings": [finding.as_data() for finding in self.findings],
            "matrices": self.matrices,
        }


def version() -> str:
    return tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def prove_in_scratch(*, compare: bool = True) -> Proof:
    """Run the proof in a scratch database. With `compare`, also compare the real database's catalogue with the proved one; no row of it is
    read. Raises NoScratch if no database can be created.
    """
    real = None
    if compare:
        connections["default"].close()
        real = catalogue.snapshot()
    with scratch_database():
        return prove(build(), real=real)


def prove(world: World, *, real: dict[str, list[Any]] | None = None) -> Proof:
    """Run the proof in the database that the aliases use, which must be a scratch one. `real`: catalogue of another database that must be
    equal.
    """
    began, notes = datetime.now(UTC), Notes()
    for table in world.empty_tables() or ["all"]:
        notes.check(
            "world.every_table",
            table == "all",
            table,
            "has no row of both organizations: add them in salesbrain/isolation/fixtures.py",
        )
    catalogue.check_catalogue(notes)
    tables.check_tables(world, notes)
    side_channels.check_functions(world, notes)
    side_channels.check_keys(world, notes)
    side_channels.check_back_doors(world, notes)
    scopes.check_scopes(world, notes)
    customer_services.check_customer_services(world, notes)
    with http_client.as_in_production():
        pages.check_routes(notes)
        before = row_diff.fingerprints()
        portal.check_portal(
            world, notes
        )  # first: operations invite addresses with the other's word, which pages then show
        operations.check_operations(world, notes)
        pages.check_others(world, notes)
        pages.check_pages(world, notes)
        row_diff.check_unchanged(before, notes)
    proved = catalogue.snapshot()
    live = "not compared"
    if real is not None:
        differences = catalogue.compare(proved, real)
        for said in differences or [""]:
            notes.check("catalogue.real_database", not said, "the real database", said)
        live = "different" if differences else "same"
    for name in notes.never_tried(MUST_BE_TRIED):
        notes.check("proof.complete", False, name, "was never tried")
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (server,) = cursor.fetchone()
    return Proof(
        at=began, version=version(), postgresql=server, rules=sha256(repr(sorted(proved.items())).encode()).hexdigest()[:16],
        live=live, tries=dict(sorted(notes.tries.items())), findings=notes.findings, matrices=notes.matrices,
        seconds=(datetime.now(UTC) - began).total_seconds(),
    )  # fmt: skip
