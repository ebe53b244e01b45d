"""The proof as a file a customer's data-protection officer can read."""

from typing import Any

from salesbrain.admin_site.isolation.tables import VERBS

LETTERS = {"none": "–", "refused": "–", "own": "own", "both": "all", "allowed": "yes", "other": "OTHER'S"}
HEAD = """# Isolation of customers: what was tried and what was seen

{at} UTC · {versions}

Two organizations, A and B, were filled with marked rows. {statements:,} SQL statements and {requests:,} requests were then made as nobody, as
a customer of A, as a customer of B, and as each role of our staff, with the ids of both. Everything was undone afterwards.

**{verdict}**
"""


def markdown(seen: dict[str, Any]) -> str:
    """Return the report of `Proof.as_json()`."""
    breaches = seen["breaches"]
    verdict = (
        "No row, mark or id of one organization reached the other." if not breaches else f"{len(breaches)} breaches:"
    )
    versions = ", ".join(f"{name} {value}" for name, value in seen["versions"].items())
    parts = [HEAD.format(**{**seen, "versions": versions, "verdict": verdict})]
    parts += [f"- {breach}" for breach in breaches]
    for title, words, head, rows in matrices(seen):
        parts += ["", f"## {title}", "", words, "", *_table([head, *rows])]
    return "\n".join(parts) + "\n"


def matrices(seen: dict[str, Any]) -> list[tuple[str, str, list[str], list[list[str]]]]:
    """Return (title, how to read it, head, rows) of the two matrices: table x who x verb, and route x who."""
    people = list(next(iter(seen["tables"].values())))
    callers = list(dict.fromkeys(who for row in seen["routes"].values() for who in row))
    return [
        (
            "Tables",
            f"Each cell: {' / '.join(VERBS)}. own: only that organization's rows; all: every organization's; –: nothing.",
            ["table", *people],
            [[table, *(_cell(row[who]) for who in people)] for table, row in sorted(seen["tables"].items())],
        ),
        (
            "Routes",
            "Each cell: the HTTP answers seen.",
            ["route", *callers],
            [
                [route, *(" ".join(map(str, sorted(row.get(who, [])))) for who in callers)]
                for route, row in sorted(seen["routes"].items())
            ],
        ),
    ]


def _cell(verbs: dict[str, str]) -> str:
    return " / ".join(LETTERS.get(verbs[verb], verbs[verb]) for verb in VERBS)


def _table(rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in (rows[0], ["---"] * len(rows[0]), *rows[1:])]
