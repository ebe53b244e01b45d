"""Benchmark part: bytes on disk an event, by table with its indexes, and of the write-ahead log.

Events go the product's own way, from a stored delivery through the worker, in the mix of bench/payloads.py. Tables are vacuumed before they
are measured, so what is counted is rows and not what their changes left behind.
"""

import psycopg

from bench import cast, checking
from bench.payloads import Stream
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from instantly.processing import worker
from instantly.webhooks.store import store_raw
from messaging.intelligence.triage.pending import triage_pending

PART = "growth"
CHUNK = 5_000
SIZES = f"""SELECT relname::text, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY (string_to_array('{checking.WRITTEN}', ', '))"""
POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
BODIES = "SELECT coalesce(sum(pg_column_size(body)), 0) FROM instantly_delivery"
LEAST = 1.0  # bytes an event from which on a table is named


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    place = cast.workspace("growth", cast.known_or_new())
    stream = Stream(place.workspace_id, place.campaigns, name="growth", span="growth")
    with scratch.connect(owner=True) as watching:
        watching.execute(f"TRUNCATE {checking.WRITTEN}")
        empty = _sizes(watching)
        began = _number(watching, POSITION)
        for done in range(0, plan.grown, CHUNK):
            for body in stream.take(min(CHUNK, plan.grown - done)):
                store_raw(place.connection_id, body)
            worker.drain(worker.BATCH)
            progress(f"growth: {min(done + CHUNK, plan.grown):,} of {plan.grown:,} events")
        while triage_pending():
            pass
        log = _number(watching, POSITION) - began
        checking.ours(watching, plan.grown)
        watching.execute(f"VACUUM (ANALYZE) {checking.WRITTEN}")
        case = f"{plan.grown:,} events"
        results.add(PART, case, "write-ahead log", unit="B", event=log / plan.grown)
        bodies = _number(watching, BODIES)
        results.add(PART, case, "bodies, removed by retention", unit="B", event=bodies / plan.grown)
        total = 0.0
        for name, now in _sizes(watching).items():
            table, indexes = ((size - before) / plan.grown for size, before in zip(now, empty[name], strict=True))
            total += table + indexes
            if table + indexes >= LEAST:
                results.add(PART, case, name, unit="B", event=table + indexes, table=table, indexes=indexes)
        results.add(PART, case, "all tables", unit="B", event=total)


def _sizes(watching: psycopg.Connection) -> dict[str, tuple[float, float]]:
    """Return the bytes of each table, and of its indexes; empty ones have some as well."""
    return {name: (table, indexes) for name, table, indexes in watching.execute(SIZES).fetchall()}


def _number(watching: psycopg.Connection, question: str) -> int:
    row = watching.execute(question).fetchone()
    return int(row[0]) if row else 0
