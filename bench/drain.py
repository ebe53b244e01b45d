"""Benchmark part 2: a worker drains a full queue; also two workers, and the same SQL by pgbench.

The queue is the same each time. The statements that the product executes are recorded while it drains once in this process; pgbench then
sends exactly those with the same parameters, prepared, one batch per transaction: the same work without any Python, and once more without
row-level security. That is the upper limit for any worker.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS

from bench import cast, checking, processes
from bench.payloads import Stream
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import HOME, Scratch
from instantly.processing import batch
from instantly.webhooks.store import store_raw
from messaging import event_writer
from salesbrain.kernel import db

PART = "drain"
SCOPE = (
    "SELECT set_config('app.user_role', 'sb_admin', true), set_config('app.current_org_id', '', true), "
    "set_config('role', 'sb_staff', true);"
)


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    place = cast.workspace("drain", cast.known_or_new())
    bodies = Stream(place.workspace_id, place.campaigns, name="drain", span="drain").take(plan.backlog)
    hot = Stream(place.workspace_id, place.campaigns[:1], name="drain-hot", span="drain, hot").take(plan.backlog)
    with scratch.connect(owner=True) as watching:
        _fill(watching, place, bodies, keep="bench_queue")
        steps = _recorded_batches()
        checking.ours(watching, plan.backlog)
        _fill(watching, place, hot, keep="bench_queue_hot")
        for round in range(plan.rounds):
            _refill(watching, "bench_queue")
            with _rls_disabled(watching):
                figures = _drain_by_pgbench(1, steps, scratch, watching, plan.backlog)
            results.add_all(PART, _workers(1), "pgbench without policies", figures)
            checking.ours(watching, plan.backlog)
            for count in (1, 2):
                _refill(watching, "bench_queue")
                results.add_all(
                    PART, f"{_workers(count)}", "salesbrain", _drain_by_workers(count, scratch, watching, plan.backlog)
                )
                checking.ours(watching, plan.backlog)
                _refill(watching, "bench_queue")
                results.add_all(
                    PART,
                    f"{_workers(count)}",
                    "pgbench",
                    _drain_by_pgbench(count, steps, scratch, watching, plan.backlog),
                )
                checking.ours(watching, plan.backlog)
            _refill(watching, "bench_queue_hot")
            results.add_all(
                PART, "1 worker, hot campaign", "salesbrain", _drain_by_workers(1, scratch, watching, plan.backlog)
            )
            checking.ours(watching, plan.backlog)
            progress(f"drain: round {round + 1} of {plan.rounds}")
    _aims(results)


def _workers(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"


def _fill(watching: psycopg.Connection, place: cast.Workspace, bodies: list[bytes], *, keep: str) -> None:
    """Queue the bodies as the webhook would, and keep a copy of the queue."""
    watching.execute(f"TRUNCATE {checking.WRITTEN}")
    for body in bodies:
        store_raw(place.connection_id, body)
    watching.execute(f"CREATE TABLE {keep} AS SELECT * FROM instantly_delivery")


def _refill(watching: psycopg.Connection, kept: str) -> None:
    watching.execute(f"TRUNCATE {checking.WRITTEN}")
    watching.execute(f"INSERT INTO instantly_delivery SELECT * FROM {kept} ORDER BY id")
    watching.execute("INSERT INTO instantly_pending SELECT id FROM instantly_delivery ORDER BY id")
    watching.execute(f"ANALYZE {checking.WRITTEN}")
    watching.execute("CHECKPOINT") if _may_checkpoint(watching) else None


def _may_checkpoint(watching: psycopg.Connection) -> bool:
    row = watching.execute("SELECT pg_has_role(session_user, 'pg_checkpoint', 'MEMBER')").fetchone()
    return bool(row and row[0])


def _drain_by_workers(
    count: int, scratch: Scratch, watching: psycopg.Connection, backlog: int
) -> dict[str, float | None]:
    """Drain the queue with `count` worker processes, which wait on a lock until the clock starts."""
    with _claims_held_back(scratch) as let_go:
        workers = [processes.start(f"drain-worker-{n}", processes.worker()) for n in range(count)]
        try:
            _wait_until_they_claim(watching, count)
            before = processes.server_cpu(scratch.postmaster), sum(worker.cpu() for worker in workers)
            began = perf_counter()
            let_go()
            checking.wait_until_empty(watching, "SELECT EXISTS (SELECT FROM instantly_pending)")
            seconds = perf_counter() - began
            after = processes.server_cpu(scratch.postmaster), sum(worker.cpu() for worker in workers)
            checking.wait_until_empty(watching)
            checking.wait_until_empty(watching, checking.UNFOUND)
            searchable = perf_counter() - began
        finally:
            for worker in workers:
                worker.end()
    return {
        "drained": backlog / seconds,
        "searchable": backlog / searchable,
        "worker_cpu": 1000 * (after[1] - before[1]) / backlog,
        "server_cpu": None if before[0] is None or after[0] is None else 1000 * (after[0] - before[0]) / backlog,
    }


@contextmanager
def _rls_disabled(watching: psycopg.Connection) -> Iterator[None]:
    """Remove row-level security from every table, to measure its cost. The product's processes would refuse to run meanwhile."""
    names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity ORDER BY 1"
    tables = [name for (name,) in watching.execute(names)]
    try:
        for table in tables:
            watching.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        yield
    finally:
        for table in tables:
            watching.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


@contextmanager
def _claims_held_back(scratch: Scratch) -> Iterator:
    """Lock the queue's table, so that workers start, claim and wait; the time counts from the release."""
    with psycopg.connect(scratch.owner_url) as holding:
        holding.execute("LOCK TABLE instantly_pending IN EXCLUSIVE MODE")
        yield holding.rollback


def _wait_until_they_claim(watching: psycopg.Connection, count: int) -> None:
    checking.wait_until_empty(
        watching,
        f"""SELECT count(*) < {count} FROM pg_locks WHERE NOT granted AND relation = 'instantly_pending'::regclass""",
    )


# --- the limit ------------------------------------------------------------------------------------------------------


def _recorded_batches() -> list[dict[str, Any]]:
    """Drain the queue in this process; return for each batch the claimed ids and each statement's parameters."""
    steps: list[dict[str, Any]] = []
    names = {sql: name for name, sql in event_writer.SQL.items()}
    real = db.prepared

    def noting(sql: str, params: Any = (), *, using: str = DEFAULT_DB_ALIAS) -> psycopg.Cursor[Any]:
        if names.get(sql) in ORDER:  # looking for what was told twice is the product's own, as the claim's checks are
            steps[-1].setdefault(names[sql], []).append(params[0])
        return real(sql, params, using=using)

    def claimed(ids: list[int]) -> None:
        steps.append({"ids": ids})

    db.prepared = noting
    try:
        while batch.process_pending(announce=claimed):
            pass
        while batch.number_events():
            pass
    finally:
        db.prepared = real
    return steps


def _drain_by_pgbench(
    count: int, steps: list[dict[str, Any]], scratch: Scratch, watching: psycopg.Connection, backlog: int
) -> dict[str, float | None]:
    script, batches = _script(steps, watching)
    command: list[str | Path] = [
        _pgbench(),
        "--no-vacuum",
        "--protocol=prepared",
        f"--client={count}",
        f"--jobs={count}",
        f"--transactions={-(-batches // count)}",
    ]
    before = processes.server_cpu(scratch.postmaster)
    began = perf_counter()
    done = subprocess.run(
        [*command, f"--file={script}", scratch.url],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PGOPTIONS": ""},
    )
    seconds = perf_counter() - began
    after = processes.server_cpu(scratch.postmaster)
    if done.returncode:
        raise SystemExit(f"error: pgbench failed: {' | '.join(done.stderr.strip().splitlines()[-4:])}")
    return {
        "drained": backlog / seconds,
        "server_cpu": None if before is None or after is None else 1000 * (after - before) / backlog,
    }


def _pgbench() -> Path:
    from salesbrain.embedded_postgres import binaries, os_user

    return binaries.folder(os_user.myself()) / "pgbench"


def _script(steps: list[dict[str, Any]], watching: psycopg.Connection) -> tuple[Path, int]:
    """Write the batches into a table and the transaction into a pgbench script; return the file and the number of batches."""
    names = [name for name in event_writer.SQL if any(name in step for step in steps)]
    columns = ", ".join(f"p_{name} json" for name in names)
    watching.execute("DROP TABLE IF EXISTS bench_batch; DROP SEQUENCE IF EXISTS bench_next")
    watching.execute(f"CREATE UNLOGGED TABLE bench_batch (n int PRIMARY KEY, ids bigint[], {columns})")
    watching.execute("CREATE SEQUENCE bench_next")
    watching.execute("GRANT SELECT ON bench_batch TO sb_staff; GRANT USAGE ON bench_next TO sb_app")
    with watching.cursor() as cursor:
        for n, step in enumerate(steps, 1):
            values = [(step.get(name) or ["[]"])[0] for name in names]
            cursor.execute(f"INSERT INTO bench_batch VALUES (%s, %s{', %s' * len(names)})", [n, step["ids"], *values])
    lines = ["SELECT nextval('bench_next') AS n \\gset", "BEGIN;", SCOPE, "SET LOCAL enable_seqscan = off;"]
    claim = (
        _on_one_line(batch.SQL["claim"])
        .replace("%s::bigint[] IS NULL", "false")
        .replace("%s::bigint[]", "(SELECT ids FROM bench_batch WHERE n = :n)::bigint[]")
    )
    lines.append(claim.replace("LIMIT %s", f"LIMIT {batch.BATCH}") + ";")
    order = [name for name in ORDER if name in names]
    lines += [
        _on_one_line(event_writer.SQL[name]).replace("%s::json", f"(SELECT p_{name} FROM bench_batch WHERE n = :n)")
        + ";"
        for name in order
    ]
    lines.append("COMMIT;")
    script = HOME / "drain.pgbench"
    script.write_text("\n".join(lines) + "\n")
    return script, len(steps)


ORDER = ("events", "campaigns", "accounts", "contacts", "suppressions", "messages", "stats")


def _on_one_line(sql: str) -> str:
    """Return a statement on one line, without its comments."""
    return " ".join(line.split("--")[0].strip() for line in sql.splitlines()).strip().rstrip(";")


def _aims(results: Results) -> None:
    one, two = _workers(1), _workers(2)
    results.aim(
        PART,
        2,
        "draining with one worker beside the same statements fed by pgbench",
        0.8,
        results.ratio(PART, one, "salesbrain", "pgbench", "drained"),
    )
    reached = results.ratio(PART, one, "pgbench", "pgbench without policies", "server_cpu")
    results.aim(PART, 6, "policies on beside off, taking events in, CPU", 1.1, reached, at_least=False)
    reached = results.ratio(PART, two, "salesbrain", "salesbrain", "drained", other_case=one)
    results.aim(PART, 2, "two workers beside one", 1.6, reached)
    reached = results.ratio(PART, "1 worker, hot campaign", "salesbrain", "salesbrain", "drained", other_case=one)
    results.aim(PART, 2, "draining one hot campaign beside 200", 0.9, reached)
