"""Benchmark of the CPU cost of one event, accepting and processing apart, to compare two checkouts.

Not a part of a whole run. The worker is stopped (SIGSTOP) while a fixed number of deliveries is accepted and then processes them while
nothing is sent. Both sides therefore do the same work in every run, in full batches, however busy the machine is.
"""

from time import sleep

import psycopg

from bench import cast, checking, loading, processes
from bench.ingest import PATH
from bench.payloads import Stream
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch

PART = "cost"
WARM = 500  # deliveries before the first round, for plans, caches and connections
CONNECTIONS = 16
LOOK = 0.002  # seconds between two looks for the end of a step


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """In each round accept `plan.cost_events` deliveries, then process them; record each side's CPU in ms per event."""
    place = cast.workspace(PART, cast.known_or_new())
    stream = Stream(place.workspace_id, place.campaigns, name=PART, span=PART)
    port = processes.free_port()
    with (
        scratch.connect(owner=True) as watching,
        processes.started("web", processes.web(port), port=port) as web,
        processes.started("worker", processes.worker()) as worker,
    ):
        watching.execute(f"TRUNCATE {checking.WRITTEN}")  # of other parts
        for number, count in enumerate([WARM, *[plan.cost_events] * plan.rounds]):
            requests = [loading.post(PATH, body, X_Webhook_Secret=place.secret) for body in stream.take(count)]
            worker.pause()
            accepted = _measure_accepting(web, requests, scratch)
            worker.go_on()
            processed, categorized = _measure_processing(worker, count, scratch, watching)
            checking.ours(watching, WARM + number * plan.cost_events)
            if number:
                results.add(PART, "accept", "salesbrain", unit="ms", **accepted)
                results.add(PART, "process", "salesbrain", unit="ms", **processed)
                results.add(PART, "categorize", "salesbrain", unit="ms", **categorized)
                progress(f"cost: round {number} of {plan.rounds}")


def _measure_accepting(
    web: processes.RunningCommand, requests: list[bytes], scratch: Scratch
) -> dict[str, float | None]:
    """Send the requests as fast as they are answered; raises Wrong where one is refused."""
    before = web.cpu(), processes.server_cpu(scratch.postmaster)
    outcome = loading.paced(web.port, requests, connections=CONNECTIONS, rate=100_000)
    after = web.cpu(), processes.server_cpu(scratch.postmaster)
    if outcome.accepted != len(requests):
        raise checking.Wrong(f"error: the webhook answered {dict(outcome.statuses)}; its log is {web.log}.")
    return _ms_per_event("web_cpu", before, after, len(requests))


def _measure_processing(
    worker: processes.RunningCommand, count: int, scratch: Scratch, watching: psycopg.Connection
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Wait until the worker has finished; return the cost of each event and that of each reply being categorized.

    The first is log, stats, feed numbers and search rows. Categorizing begins as soon as the queue is empty, possibly before this process
    notices. So the cost of a reply is measured after the first step that is seen to end, and is subtracted for all replies.
    """

    def cpu() -> tuple[float, float | None]:
        return worker.cpu(), processes.server_cpu(scratch.postmaster)

    before, known = cpu(), _categories(watching)
    checking.wait_until_empty(watching)
    checking.wait_until_empty(watching, checking.UNFOUND)
    seen = _categories(watching)
    while _categories(watching) == seen and _left(watching):
        sleep(LOOK)
    between, early = cpu(), _categories(watching)
    checking.wait_until_empty(watching, checking.UNREAD)
    after, all = cpu(), _categories(watching)
    reply = _ms_per_event("worker_cpu", between, after, max(all - early, 1))
    return {
        name: _without_cost_of_replies(cost, reply[name], (all - known) / count)
        for name, cost in _ms_per_event("worker_cpu", before, after, count).items()
    }, reply


def _left(watching: psycopg.Connection) -> bool:
    return bool((watching.execute(checking.UNREAD).fetchone() or (False,))[0])


def _categories(watching: psycopg.Connection) -> int:
    (count,) = watching.execute("SELECT count(*) FROM messaging_messagecategory").fetchone() or (0,)
    return int(count)


def _without_cost_of_replies(cost: float | None, reply: float | None, replies: float) -> float | None:
    return None if cost is None or reply is None else cost - reply * replies


def _ms_per_event(
    name: str, before: tuple[float, float | None], after: tuple[float, float | None], count: int
) -> dict[str, float | None]:
    server = None if before[1] is None or after[1] is None else 1000 * (after[1] - before[1]) / count
    return {name: 1000 * (after[0] - before[0]) / count, "server_cpu": server}
