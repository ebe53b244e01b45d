"""Benchmark part 3, reads: lists, deep pages, stats, search and event feed while the database grows.

The product is compared with DRF, with FastAPI and with itself without RLS policies.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, urlsplit

import psycopg

from bench import cast, exporting, filling, loading, processes
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch

PART = "reads"
API = "/api/instantly"
CONNECTIONS = 4
QUOTED = '"{}"'
PROTECTED = (
    "campaigns_campaign", "messaging_message", "messaging_contact", "messaging_dailystats", "messaging_event",
    "messaging_messagesearch",
)  # fmt: skip


@dataclass
class Case:
    """One kind of request. `paths`: URLs used in turn; `beside`: the other systems that support it."""

    name: str
    paths: list[str]
    beside: tuple[str, ...] = ("peer",)
    connections: int = CONNECTIONS
    without_policies: bool = False


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Grow the database step by step; at each size run every case in every round."""
    from bench.peer.environment import uvicorn

    with scratch.connect(owner=True) as watching, ExitStack() as stack:
        library = filling.begin(watching, plan.messages[-1])
        token = cast.customer(library.big, "customer@big.example")
        ports = {name: processes.free_port() for name in ("salesbrain", "drf", "peer")}
        commands = {
            "salesbrain": processes.web(ports["salesbrain"], "bench.unguarded:application"),
            "drf": processes.web(ports["drf"], "bench.plain.wsgi:application"),
            "peer": uvicorn(ports["peer"]),
        }
        systems = {
            name: stack.enter_context(processes.started(f"reads-{name}", command, port=ports[name]))
            for name, command in commands.items()
        }
        for system in systems.values():
            _ask(
                Case("warm", ["/campaigns"], connections=64), system, token, 1.0, scratch
            )  # every process has its code loaded
        for size in plan.messages:
            filling.grow(library, size, watching)
            cases = _cases(library, plan, ports["salesbrain"], token, watching)
            for round in range(plan.rounds):
                for case in cases:
                    _measure_case(case, size, plan, scratch, systems, token, watching, results)
                progress(f"reads at {size:,}: round {round + 1} of {plan.rounds}")
        viewer = cast.viewer("export@bench.example")
        for only in ({}, {"campaign": library.campaign}, {"campaign": library.campaign, "gzip": True}):
            progress(
                "reads: " + exporting.measure(results, PART, systems["salesbrain"], viewer, watching, scratch, **only)
            )
    _aims(results, plan)


def _measure_case(
    case: Case, size: int, plan: Plan, scratch: Scratch, systems: dict[str, processes.RunningCommand], token: str,
    watching: psycopg.Connection, results: Results,
) -> None:  # fmt: skip
    at = f"{size:,}: {case.name}"
    for name in ("salesbrain", *case.beside):
        with (
            _rls_disabled(watching) if name == "peer" else nullcontext()
        ):  # it has none; beneath them it could not search by an index
            results.add_all(PART, at, name, _ask(case, systems[name], token, plan.read_seconds, scratch))
    if case.without_policies:
        with _rls_disabled(watching):
            results.add_all(
                PART,
                at,
                "salesbrain without policies",
                _ask(case, systems["salesbrain"], token, plan.read_seconds, scratch),
            )


def _ask(
    case: Case, system: processes.RunningCommand, token: str, seconds: float, scratch: Scratch
) -> dict[str, float | None]:
    requests = [loading.get(API + path, Authorization=f"Bearer {token}") for path in case.paths]
    loading.closed(
        system.port, requests, connections=case.connections, seconds=min(0.3, seconds), again=True
    )  # warm: plans, caches
    before = system.cpu(), processes.server_cpu(scratch.postmaster)
    outcome = loading.closed(system.port, requests, connections=case.connections, seconds=seconds, again=True)
    after = system.cpu(), processes.server_cpu(scratch.postmaster)
    if outcome.accepted != outcome.statuses.total():
        raise Wrong(
            f"error: {system.name} answered {dict(outcome.statuses)} to {case.paths[0]}; its log is {system.log}."
        )
    server = None if before[1] is None or after[1] is None else 1000 * (after[1] - before[1]) / outcome.accepted
    web = 1000 * (after[0] - before[0]) / outcome.accepted
    return {
        "requests": outcome.accepted / outcome.seconds,
        "p50": outcome.milliseconds(50),
        "p95": outcome.milliseconds(95),
        "web_cpu": web,
        "server_cpu": server,
        "cpu": None if server is None else web + server,
    }


@contextmanager
def _rls_disabled(watching: psycopg.Connection) -> Iterator[None]:
    """Remove row-level security from the tables that are read, to measure its cost; grants stay."""
    try:
        for table in PROTECTED:
            watching.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        yield
    finally:
        for table in PROTECTED:
            watching.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def _cases(library: filling.Library, plan: Plan, port: int, token: str, watching: psycopg.Connection) -> list[Case]:
    messages = f"/campaign/{library.campaign}/messages?limit=100"
    row = watching.execute(
        "SELECT count(*) FROM messaging_message WHERE campaign_id = %s", [library.campaign]
    ).fetchone()
    count = row[0] if row else 0
    deep = int(count * 0.94) if count > 4000 else count // 3  # at a million messages: 99,000 rows down
    behind = urlsplit(json.loads(_once(port, f"{API}{messages}&cursor=&offset={deep - min(deep, 100)}", token))["next"])
    asked = Random(5)
    words = library.words

    def questions(draw: int, *ranks: range, phrase: bool = False) -> list[str]:
        texts = [" ".join(words[asked.choice(rank)] for rank in ranks) for _ in range(draw)]
        return [f"/search/messages?query={quote(QUOTED.format(text) if phrase else text)}" for text in texts]

    few = plan.searches
    middle = watching.execute("SELECT max(position) / 2 FROM messaging_event").fetchone() or (0,)
    return [
        Case("100 campaigns", ["/campaigns?limit=100"], ("peer", "drf"), without_policies=True),
        Case("100 messages, first page", [messages], ("peer", "drf"), without_policies=True),
        Case(f"100 messages, {deep:,} down, by cursor", [f"{behind.path.removeprefix(API)}?{behind.query}"], ()),
        Case(f"100 messages, {deep:,} down, by offset", [f"{messages}&offset={deep}"]),
        Case("figures of a campaign", [f"/campaign/{library.campaign}/stats"], (), without_policies=True),
        Case("figures of an organization", ["/stats"]),
        Case("events, 100 of the feed", [f"/events?since={middle[0]}&limit=100"]),
        Case("search, rare word", questions(few, range(8000, 25_000)), connections=1),
        Case("search, two words", questions(few, range(50, 400), range(400, 2000)), connections=1),
        Case("search, commonest words", questions(few, range(8)), connections=1),
        Case("search, phrase of commonest words", questions(few, range(6), range(6), phrase=True), connections=1),
    ]  # fmt: skip


def _once(port: int, path: str, token: str) -> bytes:
    from urllib.request import Request, urlopen

    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=30) as answer:
        return answer.read()


def _aims(results: Results, plan: Plan) -> None:
    small, large = f"{plan.messages[0]:,}", f"{plan.messages[-1]:,}"
    lists = f"{large}: 100 campaigns"
    results.aim(
        PART,
        4,
        "list of 100 campaigns beside FastAPI, requests/s",
        1.4,
        results.ratio(PART, lists, "salesbrain", "peer", "requests"),
    )
    results.aim(
        PART,
        4,
        "list of 100 campaigns beside DRF's ModelSerializer",
        4.0,
        results.ratio(PART, lists, "salesbrain", "drf", "requests"),
    )
    names = [case for case in dict.fromkeys(figure.case for figure in results.figures) if case.startswith(large)]
    page, figures = f"{large}: 100 messages, first page", "figures of a campaign"
    deep = next((name for name in names if name.endswith("by cursor")), "")
    reached = results.ratio(PART, deep, "salesbrain", "salesbrain", "cpu", other_case=page)
    results.aim(PART, 4, f"page {deep.split(', ', 1)[-1]} beside the first, CPU", 1.3, reached, at_least=False)
    reached = results.ratio(
        PART, f"{large}: {figures}", "salesbrain", "salesbrain", "cpu", other_case=f"{small}: {figures}"
    )
    results.aim(PART, 5, f"{figures} at {large} beside {small} messages, CPU", 1.3, reached, at_least=False)
    for kind, limit in (
        ("rare word", 50),
        ("two words", 50),
        ("commonest words", 200),
        ("phrase of commonest words", 600),
    ):
        reached = results.value(PART, f"{large}: search, {kind}", "salesbrain", "p95")
        results.aim(PART, 5, f"search at {large}, {kind}, p95 ms", limit, reached, at_least=False)
    for case in (lists, page, f"{large}: {figures}"):
        reached = results.ratio(PART, case, "salesbrain", "salesbrain without policies", "cpu")
        results.aim(PART, 6, f"policies on beside off, {case.split(': ')[1]}, CPU", 1.25, reached, at_least=False)
