"""Sizes of a benchmark run: `full` for publication, `quick` for a look, `tiny` for its own tests."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    name: str
    rounds: int
    ingest_seconds: float  # of sending, each cell of each round
    lag_seconds: float
    backlog: int  # deliveries in the queue that is drained
    messages: tuple[int, ...]  # sizes of the database at which reads are measured
    read_seconds: float
    searches: int  # questions of each kind
    synced: int  # campaigns, and as many email accounts
    worker_events: int  # over which the worker's memory is watched
    cost_events: int  # accepted and then processed, each round of the part `cost`
    grown: int  # events that are recorded to measure the disk they take


PLANS = {
    "full": Plan("full", 3, 6.0, 12.0, 20_000, (10_000, 100_000, 1_000_000), 2.0, 40, 10_000, 100_000, 20_000, 200_000),
    "quick": Plan("quick", 3, 1.5, 4.0, 6_000, (10_000, 50_000), 0.6, 15, 2_000, 10_000, 5_000, 10_000),
    "tiny": Plan("tiny", 1, 0.3, 0.5, 300, (2_000, 4_000), 0.1, 2, 150, 500, 200, 300),
}


def chosen() -> Plan:
    """Return the plan named by the environment variable BENCH (default full)."""
    name = os.environ.get("BENCH", "") or "full"
    if name not in PLANS:
        raise SystemExit(f"error: BENCH={name} is no plan; use one of {', '.join(PLANS)}.")
    return PLANS[name]
