"""Print a benchmark run's results beside the targets; store them as JSON for docs/ and comparisons."""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

FOLDER = Path(__file__).with_name("results")
ASIDE = Path(__file__).resolve().parent.parent / ".local" / "bench-results"  # of plans that measure nothing


@dataclass
class Figure:
    """One measured value. `rounds`: each round's value; `value`: their median."""

    part: str
    case: str
    system: str
    name: str
    unit: str
    value: float
    rounds: list[float] = field(default_factory=list)


@dataclass
class Aim:
    """A performance target, the value reached, and whether that is enough. `reached` None: not measured in this run."""

    part: str
    number: int
    text: str
    limit: float
    at_least: bool
    reached: float | None
    note: str = ""

    @property
    def met(self) -> bool | None:
        if self.reached is None:
            return None
        return self.reached >= self.limit if self.at_least else self.reached <= self.limit


class Results:
    """Measured values of all rounds; the tables show their median by case, system and name."""

    def __init__(self) -> None:
        self._rounds: dict[tuple[str, str, str, str, str], list[float]] = defaultdict(list)
        self.aims: list[Aim] = []

    def add(self, part: str, case: str, system: str, unit: str = "", **values: float | None) -> None:
        """Store one round's values; None (could not be measured on this machine) is left out."""
        self.add_all(part, case, system, values, unit)

    def add_all(self, part: str, case: str, system: str, values: Mapping[str, float | None], unit: str = "") -> None:
        """Store one round's values from a mapping; None is left out, as in `add`."""
        for name, value in values.items():
            if value is not None:
                self._rounds[part, case, system, name, unit or UNITS.get(name, "")].append(float(value))

    def value(self, part: str, case: str, system: str, name: str) -> float | None:
        found = [
            rounds for (p, c, s, n, _), rounds in self._rounds.items() if (p, c, s, n) == (part, case, system, name)
        ]
        return median(found[0]) if found else None

    def ratio(self, part: str, case: str, system: str, other: str, name: str, *, other_case: str = "") -> float | None:
        """Return the median of the ratios of each round: measurements close in time, so that a slow minute affects both."""
        ours = self._find(part, case, system, name)
        theirs = self._find(part, other_case or case, other, name)
        pairs = [a / b for a, b in zip(ours, theirs, strict=False) if b]
        return median(pairs) if pairs else None

    def _find(self, part: str, case: str, system: str, name: str) -> list[float]:
        return next(
            (r for (p, c, s, n, _), r in self._rounds.items() if (p, c, s, n) == (part, case, system, name)), []
        )

    def aim(
        self,
        part: str,
        number: int,
        text: str,
        limit: float,
        reached: float | None,
        *,
        at_least: bool = True,
        note: str = "",
    ) -> None:
        self.aims.append(Aim(part, number, text, limit, at_least, reached, note))

    @property
    def figures(self) -> list[Figure]:
        return [Figure(*key[:4], key[4], median(rounds), rounds) for key, rounds in self._rounds.items()]

    def has(self, part: str) -> bool:
        """Return whether this benchmark part recorded a measurement or a target."""
        return any(known[0] == part for known in self._rounds) or any(aim.part == part for aim in self.aims)

    def write(self, *, machine: dict[str, Any], plan: dict[str, Any], to: Path | None = None) -> Path:
        """Write bench/results/<date>-<plan>.json (a tiny run's elsewhere), or the file `to`, after each part.

        Parts measured earlier on the same day and not in this run keep their figures; the file `to` has only this run's.
        """
        folder = to.parent if to else ASIDE if plan["name"] == "tiny" else FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = to or folder / f"{now:%Y-%m-%d}-{plan['name']}.json"
        measured = {figure.part for figure in self.figures}
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not to else {}
        kept = {
            name: [row for row in before.get(name, []) if row["part"] not in measured] for name in ("aims", "figures")
        }
        at = {part: told for part, told in before.get("measured_at", {}).items() if part not in measured}
        document = {
            "measured_at": at | dict.fromkeys(measured, f"{now:%Y-%m-%dT%H:%M:%SZ}"),
            "plan": plan,
            "machine": machine,
            "aims": kept["aims"] + [asdict(aim) | {"met": aim.met} for aim in self.aims],
            "figures": kept["figures"] + [asdict(figure) for figure in self.figures],
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


UNITS = {
    "accepted": "1/s", "sustained": "1/s", "drained": "1/s", "searchable": "1/s", "requests": "1/s",
    "p50": "ms", "p95": "ms", "p99": "ms", "cpu": "ms", "web_cpu": "ms", "worker_cpu": "ms", "server_cpu": "ms", "search_cpu": "ms",
    "seconds": "s", "client_cpu": "s", "postgresql_cpu": "s",
}  # fmt: skip


def show(results: Results) -> None:
    """Print every measured value, one line per case and system, then the targets."""
    lines: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for figure in results.figures:
        lines[figure.part, figure.case, figure.system].append(
            f"{figure.name} {_short(figure.value)}{' ' + figure.unit if figure.unit else ''}"
        )
    _table(
        [("part", "case", "system", "median of the rounds")]
        + [(*key, ", ".join(parts)) for key, parts in lines.items()]
    )
    print()
    rows = [("aim", "", "limit", "reached", "")]
    for aim in results.aims:
        sign = ">=" if aim.at_least else "<="
        met = {True: "met", False: "MISSED", None: "not measured"}[aim.met]
        rows.append(
            (
                str(aim.number),
                aim.text,
                f"{sign} {_short(aim.limit)}",
                "-" if aim.reached is None else _short(aim.reached),
                met,
            )
        )
    _table(rows)


def _short(value: float) -> str:
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip())


def progress(line: str) -> None:
    """Print a line about the benchmark's progress to stderr, with the time."""
    sys.stderr.write(f"[{datetime.now(UTC):%H:%M:%S}] {line}\n")
