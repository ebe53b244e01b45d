"""Benchmark part 4, query plans: EXPLAIN of every frequent API read on the largest database.

auto_explain reports each statement's plan to the connection that ran it, including those inside our functions. Each read is
repeated until a prepared statement has settled on its generic plan. The aim: no sequential scan of a table that grows. The plans
are written beside the results.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from bench import cast, filling
from bench.plan import Plan
from bench.results import FOLDER, Results, progress
from bench.scratch import HOME, Scratch

PART = "explain"
API = "/api/instantly"
RUNS_PER_QUESTION = 8  # a prepared statement decides after five whether it keeps one plan for all parameters
GROWS = 10_000  # rows: a smaller table is read through in a moment, and an index may be the longer way
SETTINGS = {
    "session_preload_libraries": "'auto_explain'",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}
PLACE = re.compile(r"\$\d+|%s")
MUTED_FUNCTIONS = "SELECT oid::regprocedure::text FROM pg_proc WHERE 'client_min_messages=error' = ANY(proconfig)"
"""SQL that lists functions whose inner query plans are not reported; their settings are changed for the duration of the part."""
SHOWN = ("Index Cond", "Recheck Cond", "Filter", "Rows Removed by Filter", "Sort Key", "Sort Method")


@dataclass
class Question:
    """One API request, and the query plans of the SQL statements it caused."""

    name: str
    path: str
    plans: list[dict[str, Any]] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)

    def outer(self) -> list[dict[str, Any]]:
        """Return the plans of statements that the request itself sent, without those run inside SQL functions."""
        return [plan for plan in self.plans if _without_parameter_marks(plan["Query Text"]) in self.sent]

    def nodes(self) -> Iterator[dict[str, Any]]:
        for plan in self.plans:
            yield from nodes(plan["Plan"])


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    if scratch.postmaster is None:
        progress("explain: left out, because loading auto_explain needs a superuser of the server.")
        results.aim(PART, 5, "tables that grow, read through by a hot question", 0, None, at_least=False)
        return
    size = plan.messages[-1]
    with scratch.connect(owner=True) as watching:
        library = filling.existing_library(watching) or filling.begin(watching, size)
        if library.messages < size:
            filling.grow(library, size, watching)
        grown = _large_tables(watching)
        with _plans_reported(scratch):
            asked = _ask(library, watching)
    through = set()
    for question in asked:
        read = {node["Relation Name"] for node in question.nodes() if node["Node Type"] == "Seq Scan"} & grown
        through |= {f"{question.name}: {table}" for table in read}
        indexes = dict.fromkeys(node["Index Name"] for node in question.nodes() if "Index Name" in node)
        ours = [name for name in indexes if not name.startswith(("accounts_", "knox_", "membership_"))]
        results.add(
            PART,
            f"{size:,}: {question.name}",
            ", ".join(ours),
            pages=sum(_buffers_touched(plan["Plan"]) for plan in question.outer()),
            statements=len(question.outer()),
            read_through=len(read),
        )  # fmt: skip
    _write(asked, size, plan)
    for where in sorted(through):
        progress(f"explain: reads through a table that grows: {where}")
    results.aim(PART, 5, f"hot questions at {size:,} that read through a table", 0, float(len(through)), at_least=False)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def _buffers_touched(node: dict[str, Any]) -> int:
    return node["Shared Hit Blocks"] + node["Shared Read Blocks"]


def _large_tables(watching: psycopg.Connection) -> set[str]:
    rows = watching.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [GROWS])
    return {name for (name,) in rows.fetchall()}


@contextmanager
def _plans_reported(scratch: Scratch) -> Iterator[None]:
    """Configure the scratch database so that new connections receive their query plans as notices."""
    parts = urlsplit(scratch.owner_url)
    superuser = scratch.owner_url.replace(f"{parts.username}@", "postgres@", 1)
    database = parts.path.lstrip("/")
    with psycopg.connect(superuser, autocommit=True) as connection:
        quiet = [name for (name,) in connection.execute(MUTED_FUNCTIONS).fetchall()]
        try:
            for name, value in SETTINGS.items():
                connection.execute(f"ALTER DATABASE {database} SET {name} = {value}")
            for function in quiet:
                connection.execute(f"ALTER FUNCTION {function} RESET client_min_messages")
            yield
        finally:
            for name in SETTINGS:
                connection.execute(f"ALTER DATABASE {database} RESET {name}")
            for function in quiet:
                connection.execute(f"ALTER FUNCTION {function} SET client_min_messages = error")


def _ask(library: filling.Library, watching: psycopg.Connection) -> list[Question]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    heard: list[dict[str, Any]] = []
    connection.close()
    connection.ensure_connection()
    connection.connection.add_notice_handler(lambda notice: heard.append(_read(notice.message_primary or "")))
    asked = []
    for token, questions in _questions(library, watching):
        client = Client(headers={"Authorization": f"Bearer {token}", "Host": "127.0.0.1"})
        for question in questions:
            for _ in range(RUNS_PER_QUESTION):
                heard.clear()
                with CaptureQueriesContext(connection) as sent:
                    answer = client.get(API + question.path, secure=True)
                if answer.status_code != 200:
                    raise SystemExit(f"error: {question.path} was answered {answer.status_code}.")
            question.plans = [plan for plan in heard if plan]
            question.sent = {_without_parameter_marks(query["sql"]) for query in sent}
            asked.append(question)
    connection.close()
    return asked


def _read(notice: str) -> dict[str, Any]:
    _, _, plan = notice.partition("plan:\n")
    return json.loads(plan) if plan else {}


def _without_parameter_marks(sql: str) -> str:
    """Return a statement without its parameter numbers, to recognize equal ones."""
    return " ".join(PLACE.sub("?", sql.replace("%%", "%")).split())


def _questions(library: filling.Library, watching: psycopg.Connection) -> Iterator[tuple[str, list[Question]]]:
    """Yield the requests: of the largest customer, of a small one, of staff over all organizations."""
    words = library.words
    other = watching.execute("SELECT organization_id, id FROM bench_campaign WHERE org = 7 AND n = 0").fetchone() or ()
    last = watching.execute("SELECT max(position) FROM messaging_event").fetchone() or (0,)
    searches = [
        Question("search, rare word", f"/search/messages?query={quote(words[9000])}"),
        Question("search, two words", f"/search/messages?query={quote(f'{words[100]} {words[900]}')}"),
        Question("search, commonest word", f"/search/messages?query={quote(words[0])}"),
    ]
    contact = watching.execute(
        "SELECT contact_id, id FROM messaging_message WHERE campaign_id = %s LIMIT 1", [library.campaign]
    ).fetchone() or ()  # fmt: skip
    yield (
        cast.customer(library.big, "explain@big.example"),
        [
            Question("campaigns", "/campaigns?limit=100"),
            Question("one campaign", f"/campaign/{library.campaign}"),
            Question("messages, first page", f"/campaign/{library.campaign}/messages"),
            Question("messages, by cursor", f"/campaign/{library.campaign}/messages?cursor=&offset=1000"),
            Question("messages of one step", f"/campaign/{library.campaign}/messages?step=2&direction=out"),
            Question("contacts", "/contacts"),
            Question("timeline of a contact", f"/contacts/{contact[0]}"),
            Question("events from the middle", f"/events?since={last[0] // 2}"),
            Question("figures of a campaign", f"/campaign/{library.campaign}/stats?by=day"),
            Question("figures of the organization", "/stats"),
            *searches,
        ],
    )
    yield (
        cast.customer(other[0], "explain@small.example"),
        [
            Question("a small customer: messages", f"/campaign/{other[1]}/messages"),
            Question("a small customer: all events", "/events?since=0"),
            Question("a small customer: figures", "/stats"),
            Question("a small customer: search, rare word", f"/search/messages?query={quote(words[9000])}"),
        ],
    )
    yield (
        cast.viewer("explain@bench.example"),
        [
            Question("staff: campaigns", "/admin/campaigns"),
            Question("staff: messages of a campaign", f"/campaign/{library.campaign}/messages"),
            Question("staff: all events", f"/events?since={last[0] // 2}"),
            Question("staff: search, rare word", f"/search/messages?query={quote(words[9000])}"),
        ],
    )


def _write(asked: list[Question], size: int, plan: Plan) -> None:
    """Write the plans as text to bench/results/plans-<plan>.txt, replacing those of the last run."""
    folder = FOLDER if plan.name != "tiny" else HOME
    folder.mkdir(parents=True, exist_ok=True)
    path: Path = folder / f"plans-{plan.name}.txt"
    lines = [f"Plans of hot questions at {size:,} messages (python -m bench explain), as PostgreSQL ran them.", ""]
    shown: set[str] = set()
    begins = ("SELECT t.digest", "WITH counted")
    for question in asked:
        lines += [f"== {question.name}: GET {API}{question.path.split('?')[0]}", ""]
        for told in question.plans:
            text, tables = (
                _without_parameter_marks(told["Query Text"]),
                [node for node in nodes(told["Plan"]) if "Relation Name" in node],
            )
            if not tables or (text in shown and text.startswith(begins)):
                continue  # only words; or what every request begins with, shown once
            shown.add(text)
            lines += [" ".join(told["Query Text"].split())[:160], *_tree(told["Plan"], 1), ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def _tree(node: dict[str, Any], depth: int) -> Iterator[str]:
    where = " ".join(filter(None, (node.get("Index Name"), node.get("Relation Name"))))
    took = f"rows={node['Actual Rows']:g} loops={node['Actual Loops']:g} pages={_buffers_touched(node)}"
    yield f"{'  ' * depth}{node['Node Type']} {where} {took}"
    for name in SHOWN:
        if name in node:
            yield f"{'  ' * depth}    {name}: {str(node[name])[:140]}"
    for below in node.get("Plans", ()):
        yield from _tree(below, depth + 1)
