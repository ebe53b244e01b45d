"""Write the isolation proof's report: JSON for programs, one self-contained HTML file for people."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from salesbrain.isolation.actors import VERBS
from salesbrain.isolation.catalogue import DEFINERS, UNPROTECTED_TABLES
from salesbrain.isolation.messages import ACTORS, ASKERS, CHECKS, LIMITS, VERB_WORDS
from salesbrain.isolation.pages import NOT_ADMIN
from salesbrain.isolation.proof import Proof

JSON_NAME, HTML_NAME = "isolation.json", "isolation.html"


def folder() -> Path:
    """Return the folder of the last proof, used if no other is given."""
    return settings.LOCAL_DIR / "isolation"


def write(proof: Proof, to: Path | None = None) -> tuple[Path, Path]:
    """Write both files into a folder (created if missing); return their paths, JSON first."""
    to = to or folder()
    to.mkdir(parents=True, exist_ok=True)
    data = proof.as_data()
    written = to / JSON_NAME, to / HTML_NAME
    written[0].write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    written[1].write_text(as_html(data), encoding="utf-8")
    return written


def latest(at: Path | None = None) -> dict[str, Any] | None:
    """Return the last written proof as data; None if there is none or it is unreadable. `html()` returns its whole document."""
    try:
        return json.loads(((at or folder()) / JSON_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def as_html(data: dict[str, Any]) -> str:
    """Return the report as one HTML page that needs no other file, no script and no network."""
    return render_to_string("salesbrain/isolation.html", context(data))


def context(data: dict[str, Any]) -> dict[str, Any]:
    """Return the template's context for a proof; sentences are in the active language."""
    matrices = data["matrices"]
    tables, actors = _tables(matrices.get("tables", []))
    operations, askers = _crossed(matrices.get("operations", []), "operation", "asker", _operation_cell)
    pages, page_askers = _crossed(
        [row for row in matrices.get("pages", []) if row.get("method") != "POST"], "page", "asker", _page_cell
    )
    return {
        "proof": data,
        "checks": [{"name": name, "tries": tries, "failed": sum(f["check"] == name for f in data["findings"]), **_check(name)}
                   for name, tries in data["tries"].items()],
        "total": sum(data["tries"].values()),
        "tables": tables,
        "actors": [ACTORS.get(actor, (actor, actor)) for actor in actors],
        "verbs": [(verb, *VERB_WORDS[verb]) for verb in VERBS],
        "operations": operations,
        "askers": [ASKERS.get(asker, (asker, asker)) for asker in askers],
        "pages": pages,
        "page_askers": [ASKERS.get(asker, (asker, asker)) for asker in page_askers],
        "keys": matrices.get("keys", []),
        "back_doors": matrices.get("back_doors", []),
        "functions": matrices.get("functions", []),
        "services": matrices.get("services", []),
        "others": NOT_ADMIN.items(),
        "definers": DEFINERS.items(),
        "unprotected": UNPROTECTED_TABLES.items(),
        "limits": LIMITS,
    }  # fmt: skip


def _check(name: str) -> dict[str, str]:
    english, german = CHECKS.get(name.partition(".")[0], (name, name))
    return {"en": english, "de": german, "said": german if get_language() == "de" else english}


def _tables(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Group the matrix by table: for each actor the six verbs' outcomes."""
    actors = list(dict.fromkeys(row["actor"] for row in rows))
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        table = found.setdefault(row["table"], {"name": row["table"], "kind": row["kind"], "cells": []})
        table["cells"].append([(verb, row[verb], _tone(row[verb])) for verb in VERBS])
    return sorted(found.values(), key=lambda table: (table["kind"], table["name"])), actors


def _tone(outcome: str) -> str:
    if outcome in ("denied", "nothing"):
        return outcome
    return "reached" if set(outcome) <= {"A", "B"} else "odd"


def _crossed(rows: list[dict[str, Any]], down: str, across: str, cell: Any) -> tuple[list[dict[str, Any]], list[str]]:
    columns = list(dict.fromkeys(row[across] for row in rows))
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row[down], {})[row[across]] = cell(row)
    return [
        {"name": name, "cells": [cells.get(column) for column in columns]} for name, cells in found.items()
    ], columns


def _operation_cell(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "shows": row["shows"],
        "statuses": " ".join(map(str, row["statuses"])),
        "requests": row["requests"],
        "alike": row["alike"],
    }


def _page_cell(row: dict[str, Any]) -> dict[str, Any]:
    return {"shows": row["shows"], "statuses": str(row["status"]), "posted": row.get("posted")}
