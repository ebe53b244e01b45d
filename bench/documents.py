"""Write the latest benchmark results into the documents: `python -m bench.documents`.

All tables go into docs/tables/performance.md, the summary into the guides in both languages.

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

TABLES_PAGE = CHECKOUT / "docs/tables/performance.md"
GUIDES = {"en": CHECKOUT / "docs/en/performance.md", "de": CHECKOUT / "docs/de/performance.md"}
WORDS = {"met": "met", "missed": "**missed**", "open": "not measured", "aim": "Aim",
         "limit": "Limit", "reached": "Reached", "what": "What", "who": "System"}  # fmt: skip
SUMMARY = (
    ("Events accepted and processed a second, 16 senders", "Ereignisse je Sekunde angenommen und verarbeitet, 16 Absender",
     "ingest", "16 connections, 200 campaigns", "sustained", ("salesbrain", "peer")),
    ("Answer to a delivery, p95, ms", "Antwort auf eine Zustellung, p95, ms",
     "ingest", "16 connections, 200 campaigns", "p95", ("salesbrain", "peer")),
    ("From the answer until it is readable, p95, at 500 a second, ms", "Von der Antwort bis lesbar, p95, bei 500 je Sekunde, ms",
     "ingest", "500 events a second", "lists_p95", ("salesbrain",)),
    ("Waiting deliveries processed a second, one worker", "Wartende Zustellungen je Sekunde verarbeitet, ein Worker",
     "drain", "1 worker", "drained", ("salesbrain",)),
    ("List of 100 campaigns, p95, ms", "Liste von 100 Kampagnen, p95, ms",
     "reads", "1,000,000: 100 campaigns", "p95", ("salesbrain", "peer")),
    ("List of 100 emails, first page, p95, ms", "Liste von 100 E-Mails, erste Seite, p95, ms",
     "reads", "1,000,000: 100 messages, first page", "p95", ("salesbrain", "peer")),
    ("Stats of a campaign, p95, ms", "Kennzahlen einer Kampagne, p95, ms",
     "reads", "1,000,000: figures of a campaign", "p95", ("salesbrain",)),
    ("Search for two words, p95, ms", "Suche nach zwei Wörtern, p95, ms",
     "reads", "1,000,000: search, two words", "p95", ("salesbrain", "peer")),
    ("Search for the commonest words, p95, ms", "Suche nach den häufigsten Wörtern, p95, ms",
     "reads", "1,000,000: search, commonest words", "p95", ("salesbrain", "peer")),
    ("Emails exported a second", "E-Mails je Sekunde exportiert",
     "reads", "export of 1,000,000 messages", "exported", ("salesbrain",)),
    ("Memory of a web process, MiB", "Speicher eines Web-Prozesses, MiB",
     "footprint", "memory over 100,000 events", "each", ("web",)),
    ("Memory of a worker, MiB", "Speicher eines Workers, MiB",
     "footprint", "memory over 100,000 events", "last", ("worker",)),
)  # fmt: skip
"""Rows of the summary: its label in both languages, and part, case, name and systems of the figures."""
HEADS = {"en": ("", "Salesbrain", "FastAPI"), "de": ("", "Salesbrain", "FastAPI")}
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


def tables(results: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each table with the name of its marker in the page of all tables."""
    yield "machine", _machine(results)
    yield "aims", _aims(results, WORDS)
    figures = results["figures"]
    for name, columns in COLUMNS.items():
        parts = TABLES.get(name, (name,))
        yield name, _figures((figure for figure in figures if figure["part"] in parts), columns, WORDS)


def summary(results: dict[str, Any], language: str) -> str:
    """Return the few figures that a reader of the guides decides from, as a table."""
    values = {(each["part"], each["case"], each["name"], each["system"]): each["value"] for each in results["figures"]}
    rows: list[tuple[str, ...]] = [HEADS[language]]
    for english, german, part, case, name, systems in SUMMARY:
        shown = [_short(values[part, case, name, system]) for system in systems]
        label = english if language == "en" else german
        rows.append(
            (label, *(each if language == "en" else _in_german(each) for each in shown), *[""] * (2 - len(shown)))
        )
    return _table(rows)


def _in_german(number: str) -> str:
    return number.translate(str.maketrans(",.", ".,"))


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


def write(page: Path, named: Iterable[tuple[str, str]]) -> None:
    """Put tables between their markers in a document."""
    text = page.read_text(encoding="utf-8")
    for name, table in named:
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not mark.search(text):
            raise SystemExit(f"error: {page.relative_to(CHECKOUT)} has no marks for the table {name}.")
        text = mark.sub(partial(_filled, table), text)
    page.write_text(text, encoding="utf-8")


def main() -> None:
    results = last()
    pages = {TABLES_PAGE: list(tables(results))}
    pages |= {page: [("summary", summary(results, language))] for language, page in GUIDES.items()}
    for page, named in pages.items():
        write(page, named)
        sys.stdout.write(f"{page.relative_to(CHECKOUT)} shows the figures of plan {results['plan']['name']}.\n")


if __name__ == "__main__":
    main()
