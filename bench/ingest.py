"""Benchmark part 1, ingest: events accepted and processed per second, CPU per event, latency.

The latency is the time until an event is readable over the API.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from time import perf_counter, time

import psycopg

from bench import cast, checking, loading, processes
from bench.payloads import BEGIN, Stream
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import CHECKOUT, Scratch

PART = "ingest"
PATH = "/webhooks/instantly/webhook"
PREPARED = {
    "salesbrain": 6000,
    "peer": 2500,
    "orm": 900,
}  # requests made ready for each second; a faster system's turn ends when they are all answered
RATE = 500  # a second, for the lag
CASES = (
    ("16 connections, 200 campaigns", 16, False),
    ("64 connections, 200 campaigns", 64, False),
    ("16 connections, hot campaign", 16, True),
)
SKIPPED = {
    ("orm", "64 connections, 200 campaigns"),
    ("orm", "16 connections, hot campaign"),
}  # too slow to tell anything new


@dataclass
class System:
    """One system under test. `others`: processes besides the web; `idle`: waits until nothing is queued; `check`: raises Wrong."""

    name: str
    web: processes.RunningCommand
    workspace: cast.Workspace
    stream: Stream
    hot: Stream
    worker: processes.RunningCommand | None = None
    accepted: int = 0

    def requests(self, count: int, *, hot: bool) -> list[bytes]:
        bodies = (self.hot if hot else self.stream).take(count)
        return [loading.post(PATH, body, X_Webhook_Secret=self.workspace.secret) for body in bodies]

    def pause(self) -> None:
        for running in filter(None, (self.web, self.worker)):
            running.pause()

    def go_on(self) -> None:
        for running in filter(None, (self.web, self.worker)):
            running.go_on()


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """Run every case in every round, the systems one after the other, each checked when it has drained."""
    with ExitStack() as stack:
        watching = stack.enter_context(scratch.connect(owner=True))
        systems = [stack.enter_context(make(scratch)) for make in SYSTEMS]
        for system in systems:
            _measure_turn(
                system, scratch, watching, system.requests(300, hot=False), 4, 30.0, once=True
            )  # warm: plans, caches, connections
            system.pause()
        for round in range(plan.rounds):
            for case, connections, hot in CASES:
                for system in systems if round % 2 == 0 else systems[::-1]:
                    if (system.name, case) in SKIPPED:
                        continue
                    requests = system.requests(int(PREPARED[system.name] * plan.ingest_seconds) + connections, hot=hot)
                    system.go_on()
                    figures = _measure_turn(system, scratch, watching, requests, connections, plan.ingest_seconds)
                    system.pause()
                    results.add_all(PART, case, system.name, figures)
            _check(systems, watching)
            progress(f"ingest: round {round + 1} of {plan.rounds}")
        for system in systems:
            if system.worker:
                system.go_on()
                results.add(PART, f"{RATE} events a second", system.name, unit="ms", **_lag(system, plan, watching))
        _check(systems, watching)
    _aims(results)


def _measure_turn(
    system: System,
    scratch: Scratch,
    watching: psycopg.Connection,
    requests: list[bytes],
    connections: int,
    seconds: float,
    *,
    once: bool = False,
) -> dict[str, float | None]:
    """Send events to one system for `seconds`, wait until they are processed, and return the results."""
    before = _cpu(system, scratch)
    began = perf_counter()
    if once:
        outcome = loading.paced(system.web.port, requests, connections=connections, rate=RATE)
    else:
        outcome = loading.closed(system.web.port, requests, connections=connections, seconds=seconds)
    if system.worker:
        checking.wait_until_empty(watching)
    done = perf_counter()
    after = _cpu(system, scratch)
    if system.worker:
        checking.wait_until_empty(watching, checking.UNFOUND)
    last = _cpu(system, scratch)
    if outcome.accepted != outcome.statuses.total():
        raise checking.Wrong(f"error: {system.name} answered {dict(outcome.statuses)}; its log is {system.web.log}.")
    system.accepted += outcome.accepted
    each = {
        name: None if a is None or b is None else 1000 * (b - a) / outcome.accepted
        for (name, a), b in zip(before.items(), after.values(), strict=True)
    }
    return {
        "accepted": outcome.accepted / outcome.seconds,
        "sustained": outcome.accepted / (done - began),
        "p50": outcome.milliseconds(50),
        "p95": outcome.milliseconds(95),
        "p99": outcome.milliseconds(99),
        **each,
        "cpu": _sum_if_known(each),
        "search_cpu": _sum_if_known(
            {
                name: None if a is None or b is None else 1000 * (b - a) / outcome.accepted
                for (name, a), b in zip(after.items(), last.values(), strict=True)
            }
        )
        if system.worker
        else None,
    }


def _cpu(system: System, scratch: Scratch) -> dict[str, float | None]:
    return {
        "web_cpu": system.web.cpu(),
        "worker_cpu": system.worker.cpu() if system.worker else 0.0,
        "server_cpu": processes.server_cpu(scratch.postmaster),
    }


def _sum_if_known(parts: dict[str, float | None]) -> float | None:
    """Return the sum; None if a part is unknown, because a total without PostgreSQL would be too low."""
    values = [value for value in parts.values() if value is not None]
    return sum(values) if len(values) == len(parts) else None


def _check(systems: list[System], watching: psycopg.Connection) -> None:
    checking.ours(watching, sum(system.accepted for system in systems if system.name != "peer"), unjudged="orm")
    for system in systems:
        if system.name == "peer":
            checking.peers(watching, system.accepted)


def _lag(system: System, plan: Plan, watching: psycopg.Connection) -> dict[str, float | None]:
    """Return the time from the response until the event was readable, by PostgreSQL's record of commit times."""
    row = watching.execute("SELECT current_setting('track_commit_timestamp')").fetchone()
    if row != ("on",):
        return {}
    first = system.stream.number
    requests = system.requests(int(RATE * plan.lag_seconds), hot=False)
    wall = time() - perf_counter()
    outcome = loading.paced(system.web.port, requests, connections=16, rate=RATE)
    checking.wait_until_empty(watching)
    system.accepted += outcome.accepted
    feed = _committed(watching, FEED, system.workspace.connection_id, first)
    lists = _committed(watching, LISTS, system.workspace.connection_id, first)
    found: dict[str, float | None] = {}
    for name, at in (("feed", feed), ("lists", lists)):
        lags = loading.Outcome(
            latencies=[at[n] - (outcome.answered_at[n] + wall) for n in at if n in outcome.answered_at]
        )
        found |= {f"{name}_p50": lags.milliseconds(50), f"{name}_p95": lags.milliseconds(95)}
    return {
        "answer_p50": outcome.milliseconds(50),
        "answer_p95": outcome.milliseconds(95),
        "answer_p99": outcome.milliseconds(99),
        **found,
    }


FEED = f"""SELECT extract(epoch FROM happened_at - timestamptz '{BEGIN:%Y-%m-%d %H:%MZ}')::bigint AS n,
        extract(epoch FROM pg_xact_commit_timestamp(xmin))::float AS at
    FROM messaging_event WHERE connection_id = %s"""
LISTS = f"""SELECT extract(epoch FROM e.happened_at - timestamptz '{BEGIN:%Y-%m-%d %H:%MZ}')::bigint AS n,
        extract(epoch FROM pg_xact_commit_timestamp(m.xmin))::float AS at
    FROM messaging_event e JOIN messaging_message m ON m.id = e.message_id
    WHERE e.connection_id = %s AND e.type = 'email_sent' AND (m.opened_at, m.clicked_at, m.replied_at, m.bounced_at) IS NULL"""


def _committed(watching: psycopg.Connection, question: str, connection_id: object, first: int) -> dict[int, float]:
    """Return request number -> when its row was committed, in seconds since 1970."""
    rows = watching.execute(f"SELECT * FROM ({question}) AS found WHERE n > %s", [connection_id, first])
    return {n - first - 1: at for n, at in rows if at is not None}


# --- the systems ----------------------------------------------------------------------------------------------------


@contextmanager
def salesbrain(scratch: Scratch) -> Iterator[System]:
    place = _workspace("bench")
    port = processes.free_port()
    with (
        processes.started("web", processes.web(port), port=port) as web,
        processes.started("worker", processes.worker()) as worker,
    ):
        yield _system("salesbrain", web, place, worker)


@contextmanager
def peer(scratch: Scratch) -> Iterator[System]:
    from bench.peer.environment import uvicorn

    place = _workspace("peer")
    with scratch.connect(owner=True) as connection:
        connection.execute((CHECKOUT / "bench/peer/schema.sql").read_bytes())
        connection.execute(
            """INSERT INTO peer.campaign SELECT id, organization_id, connection_id, provider_id FROM public.campaigns_campaign
            WHERE connection_id = %s""",
            [place.connection_id],
        )
    port = processes.free_port()
    told = {"PEER_SECRET": place.secret, "PEER_CONNECTION": str(place.connection_id)}
    with processes.started("peer", uvicorn(port), port=port, **told) as web:
        yield _system("peer", web, place)


@contextmanager
def orm(scratch: Scratch) -> Iterator[System]:
    place = _workspace("orm")
    port = processes.free_port()
    with processes.started("orm", processes.web(port, "bench.plain.wsgi:application"), port=port) as web:
        yield _system("orm", web, place)


SYSTEMS: tuple[Callable[[Scratch], AbstractContextManager[System]], ...] = (salesbrain, peer, orm)


def _workspace(name: str) -> cast.Workspace:
    return cast.workspace(name, cast.known_or_new())


def _system(
    name: str, web: processes.RunningCommand, place: cast.Workspace, worker: processes.RunningCommand | None = None
) -> System:
    spread = Stream(place.workspace_id, place.campaigns, name=name, span="ingest")
    hot = Stream(place.workspace_id, place.campaigns[:1], name=f"{name}-hot", span="ingest, hot")
    return System(name, web, place, spread, hot, worker)


def _aims(results: Results) -> None:
    case, wide, hot = (name for name, _, _ in CASES)
    for number, text, limit, least, figure, at in (
        (1, "accepted/s beside the peer, 16 connections", 3.0, True, "accepted", case),
        (1, "accepted and processed/s beside the peer, 16 connections", 2.5, True, "sustained", case),
        (1, "CPU an event beside the peer", 0.4, False, "cpu", case),
        (3, "p95 of the answer beside the peer, 16 connections", 0.5, False, "p95", case),
        (3, "p95 of the answer beside the peer, 64 connections", 0.5, False, "p95", wide),
    ):
        results.aim(PART, number, text, limit, results.ratio(PART, at, "salesbrain", "peer", figure), at_least=least)
    results.aim(
        PART,
        2,
        "one hot campaign beside 200, processed/s",
        0.9,
        results.ratio(PART, hot, "salesbrain", "salesbrain", "sustained", other_case=case),
    )
    for name, words in (("lists_p95", "in a list"), ("feed_p95", "in the event feed")):
        reached = results.value(PART, f"{RATE} events a second", "salesbrain", name)
        results.aim(
            PART, 3, f"answered to readable {words}, p95, {RATE} events/s", 500, reached, at_least=False, note="ms"
        )
