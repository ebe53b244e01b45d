"""Write the latest benchmark results into docs/*/performance.md: `python -m bench.documents`.

The text between the markers is generated; tables are never edited by hand, so every published number can be traced to a run.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.results import FOLDER
from bench.scratch import CHECKOUT

PAGES = {"en": CHECKOUT / "docs/en/performance.md", "de": CHECKOUT / "docs/de/performance.md"}
WORDS = {
    "en": {"met": "met", "missed": "**missed**", "open": "not measured", "aim": "Aim",
           "limit": "Limit", "reached": "Reached", "what": "What", "who": "System"},
    "de": {"met": "erreicht", "missed": "**verfehlt**", "open": "nicht gemessen", "aim": "Ziel",
           "limit": "Grenze", "reached": "Erreicht", "what": "Was", "who": "System"},
}  # fmt: skip
COLUMNS = {
    "ingest": (
        "accepted",
        "sustained",
        "p50",
        "p95",
        "p99",
        "web_cpu",
        "worker_cpu",
        "server_cpu",
        "cpu",
        "search_cpu",
    ),
    "lag": ("answer_p50", "answer_p95", "answer_p99", "lists_p50", "lists_p95", "feed_p50", "feed_p95"),
    "drain": ("drained", "searchable", "worker_cpu", "server_cpu"),
    "reads": ("requests", "p50", "p95", "web_cpu", "server_cpu", "cpu"),
    "export": ("exported", "exported_growth", "exported_size", "exported_cpu", "exported_server_cpu"),
    "explain": ("pages", "statements", "read_through"),
    "sync": ("seconds", "client_cpu", "postgresql_cpu", "asked", "connections", "row_versions", "wal_kib"),
    "footprint": ("seconds", "first", "last", "growth", "all", "each", "installed"),
}
TABLES = {"lag": ("ingest",), "export": ("reads", "footprint")}
"""Benchmark parts whose results a table shows, where the table has another name."""


def last() -> dict[str, Any]:
    """Return the newest full results, else the newest quick ones."""
    for kind in ("full", "quick"):
        if found := sorted(FOLDER.glob(f"*-{kind}.json")):
            return json.loads(found[-1].read_text(encoding="utf-8"))
    raise SystemExit("error: bench/results is empty. `make bench` fills it.")


def tables(results: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """Yield each table with the name of its marker in the documents."""
    words = WORDS[language]
    yield "machine", _machine(results)
    yield "aims", _aims(results, words)
    figures = results["figures"]
    for name, columns in COLUMNS.items():
        parts = TABLES.get(name, (name,))
        yield name, _figures((figure for figure in figures if figure["part"] in parts), columns, words)


def _machine(results: dict[str, Any]) -> str:
    machine, plan = results["machine"], results["plan"]
    server = machine["postgresql"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, "
        f"load before: {machine['load_before']}",
        f"Python {machine['python']}, "
        + ", ".join(f"{name} {version}" for name, version in machine["packages"].items()),
        f"PostgreSQL {server['server_version']} ({server['where']}; "
        + ", ".join(f"{name} {value}" for name, value in server.items() if name not in ("server_version", "where"))
        + ")",
        "peer: " + ", ".join(f"{name} {version}" for name, version in machine["peer"].items()),
        f"plan {plan['name']}: {plan['rounds']} rounds; commit {machine['commit']}; "
        + ", ".join(f"{part} {at}" for part, at in sorted(results["measured_at"].items(), key=lambda pair: pair[1])),
    ]
    return "\n".join(f"- {line}" for line in lines)


def _aims(results: dict[str, Any], words: dict[str, str]) -> str:
    rows: list[tuple[str, ...]] = [("", words["aim"], words["limit"], words["reached"], "")]
    for aim in sorted(results["aims"], key=lambda aim: aim["number"]):
        sign = "≥" if aim["at_least"] else "≤"
        met = {True: words["met"], False: words["missed"], None: words["open"]}[aim["met"]]
        rows.append(
            (
                str(aim["number"]),
                aim["text"],
                f"{sign} {_short(aim['limit'])}",
                "–" if aim["reached"] is None else _short(aim["reached"]),
                met,
            )
        )
    return _table(rows)


def _figures(figures: Iterable[dict[str, Any]], columns: tuple[str, ...], words: dict[str, str]) -> str:
    lines: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for figure in figures:
        if figure["name"] in columns:
            lines.setdefault((figure["case"], figure["system"]), {})[figure["name"]] = figure
    units: dict[str, str] = {}
    for line in lines.values():
        for name, figure in line.items():
            units.setdefault(name, figure["unit"])
    used = [name for name in columns if name in units]
    rows = [(words["what"], words["who"], *(f"{name.replace('_', ' ')} {units[name]}".strip() for name in used))]
    for (case, system), line in lines.items():
        rows.append((case, system, *(_short(line[name]["value"]) if name in line else "" for name in used)))
    return _table(rows)


def _short(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _filled(table: str, marks: re.Match[str]) -> str:
    return f"{marks[1]}{table}\n{marks[2]}"


def write(page: Path, results: dict[str, Any], language: str) -> None:
    text = page.read_text(encoding="utf-8")
    for name, table in tables(results, language):
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not mark.search(text):
            raise SystemExit(f"error: {page.relative_to(CHECKOUT)} has no marks for the table {name}.")
        text = mark.sub(partial(_filled, table), text)
    page.write_text(text, encoding="utf-8")


def main() -> None:
    results = last()
    for language, page in PAGES.items():
        write(page, results, language)
        sys.stdout.write(f"{page.relative_to(CHECKOUT)} shows the figures of plan {results['plan']['name']}.\n")


if __name__ == "__main__":
    main()
