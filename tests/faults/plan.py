"""Sizes of the fault tests: whole (`make faults`, 15 minutes) or for CI (`FAULTS=quick`, 2 minutes).

The quick plan leaves out tests marked `thorough` and does less of the others; the assertions are the same.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    away_seconds: tuple[float, ...]  # how long the database cannot be reached
    lock_seconds: float  # how long the hottest campaign is locked
    outage_seconds: float  # how long our whole side is down under the emulator's traffic
    retry_delays: tuple[float, ...]  # of the emulator in that outage, short enough to run out within it
    events: int  # of the combined run
    events_a_second: float
    seeds: tuple[int, ...]
    kill_every: float
    double_replies: int  # conversations in each of which two people reply at once
    own_writes: int  # requests of people who look for what they wrote, beside a replica that stands still


FULL = Plan((6.0, 60.0), 20.0, 60.0, (3.0, 8.0, 18.0), 20_000, 150.0, (1, 2, 3), 3.0, 1_000, 10_000)
SHORT = Plan((6.0,), 3.0, 6.0, (0.3, 0.8, 1.8), 1_000, 120.0, (1,), 3.0, 60, 320)

QUICK = os.environ.get("FAULTS") == "quick"
PLAN = SHORT if QUICK else FULL
