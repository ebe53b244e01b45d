"""Benchmark part 5, footprint: memory of web and worker, an export, start-up time, size on disk."""

import importlib.metadata
import os
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg

from bench import cast, checking, exporting, loading, processes
from bench.payloads import Stream
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import CHECKOUT, Scratch

PART = "footprint"
PATH = "/webhooks/instantly/webhook"
BURST = 5_000  # deliveries between two looks at the worker's memory


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    place = cast.workspace("footprint", cast.known_or_new())
    stream = Stream(place.workspace_id, place.campaigns, name="footprint", span="footprint")
    for _ in range(plan.rounds):
        results.add(PART, "start", "web", unit="s", seconds=_start_of_web())
    port = processes.free_port()
    with (
        scratch.connect(owner=True) as watching,
        processes.started("web", processes.web(port), port=port) as web,
        processes.started("worker", processes.worker()) as worker,
    ):
        results.add(PART, "start", "worker", unit="s", seconds=_first_event(watching, port, place, stream))
        sizes: list[float] = []
        sent, known = 0, _events(watching)
        burst = min(BURST, plan.worker_events)
        while sent < plan.worker_events:
            requests = [loading.post(PATH, body, X_Webhook_Secret=place.secret) for body in stream.take(burst)]
            outcome = loading.paced(port, requests, connections=16, rate=100_000)  # as fast as it answers
            if outcome.accepted != len(requests):
                raise checking.Wrong(f"error: the webhook answered {dict(outcome.statuses)}.")
            checking.wait_until_empty(watching)
            sent += len(requests)
            sizes.append(worker.memory())
        if (logged := _events(watching) - known) != sent:
            raise checking.Wrong(f"error: {sent} events were sent, {logged} are in the log.")
        case = f"memory over {sent:,} events"
        later = sizes[max(1, len(sizes) // 5) :] or sizes  # the first fifth fills caches
        results.add(PART, case, "worker", unit="MiB", first=sizes[0], last=sizes[-1], growth=max(later) - min(later))
        results.add(PART, case, "web", unit="MiB", all=web.memory(), each=web.memory() / processes_of_web(web))
        progress(f"footprint: {case}")
        exporting.measure(results, PART, web, cast.viewer("export@bench.example"), watching, scratch)
    results.add(PART, "size", "packages of base.txt", unit="MiB", installed=_installed() / 2**20)
    results.add(PART, "size", "our own code", unit="MiB", installed=_own() / 2**20)
    _aims(results, case)


def _events(watching: psycopg.Connection) -> int:
    row = watching.execute("SELECT count(*) FROM messaging_event").fetchone()
    return row[0] if row else 0


def processes_of_web(web: processes.RunningCommand) -> int:
    """Return the number of processes that answer requests, without their supervisor."""
    return max(1, sum("-c" not in process.cmdline() for process in web.process.children(recursive=True)))


def _start_of_web() -> float:
    """Return the seconds from the command to the first response that needs the database."""
    port = processes.free_port()
    began = perf_counter()
    running = processes.start("start", processes.web(port), port=port)
    try:
        while True:
            try:
                with urlopen(
                    Request(f"http://127.0.0.1:{port}/readyz", headers={"X-Forwarded-Proto": "https"}), timeout=10
                ):
                    return perf_counter() - began
            except URLError as error:
                if getattr(error, "code", None) == 503 or perf_counter() - began > 30:
                    return perf_counter() - began  # no worker runs: it says so, and that is an answer
                sleep(0.02)
    finally:
        running.end()


def _first_event(watching: psycopg.Connection, port: int, place: cast.Workspace, stream: Stream) -> float:
    """Return the seconds until an event sent right after the start of the worker is in the log."""
    began = perf_counter()
    request = loading.post(PATH, stream.take(1)[0], X_Webhook_Secret=place.secret)
    loading.paced(port, [request], connections=1, rate=1)
    checking.wait_until_empty(watching)
    return perf_counter() - began


def _installed() -> int:
    """Return the size in bytes of everything requirements/base.txt installs, by the packages' own file lists."""
    lines = (CHECKOUT / "requirements" / "base.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split("==")[0] for line in lines if "==" in line and not line.startswith((" ", "#"))]
    total = 0
    for name in names:
        try:
            files = importlib.metadata.distribution(name.split("[")[0]).files or []
        except importlib.metadata.PackageNotFoundError:
            continue  # of another platform or Python
        total += sum(os.path.getsize(file.locate()) for file in files if os.path.isfile(file.locate()))
    return total


def _own() -> int:
    folders = ("salesbrain", "accounts", "campaigns", "messaging", "instantly", "templates", "static")
    return sum(
        path.stat().st_size
        for folder in folders
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


def _aims(results: Results, case: str) -> None:
    results.aim(PART, 8, "memory of a web process, MiB", 150, results.value(PART, case, "web", "each"), at_least=False)
    results.aim(
        PART,
        8,
        f"memory of the worker after {case.removeprefix('memory over ')}, MiB",
        200,
        results.value(PART, case, "worker", "last"),
        at_least=False,
    )
    results.aim(
        PART,
        8,
        "growth of the worker after the first fifth, MiB",
        10,
        results.value(PART, case, "worker", "growth"),
        at_least=False,
    )
