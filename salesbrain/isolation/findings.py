"""Results of the isolation proof: the number of runs of each check, and its failures."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed check of the isolation proof."""

    check: str  # the name of the check, for example tables.select
    where: str
    said: str  # what happened, and what should have

    def as_data(self) -> dict[str, str]:
        return {"check": self.check, "where": self.where, "said": self.said}


@dataclass
class Notes:
    """Results: number of tries by check, findings, and the cells of the matrices by name."""

    tries: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    matrices: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def check(self, check: str, held: bool, where: str, said: str = "") -> bool:
        """Count one try of a check; if it failed, store `where` and `said` (the message). Returns `held`: whether the check passed."""
        self.tries[check] = self.tries.get(check, 0) + 1
        if not held:
            self.findings.append(Finding(check, where, said))
        return held

    def row(self, matrix: str, **cells: Any) -> None:
        self.matrices.setdefault(matrix, []).append(cells)

    def failed(self) -> set[str]:
        """Return the names of the checks with findings."""
        return {finding.check for finding in self.findings}

    def never_tried(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if not self.tries.get(name)]
