"""Benchmark of the CPU cost of polling: 100 open pages of a customer without news, every 3 seconds.

Requests are sent over HTTP at that pace, so that the cost of waking up is included.
"""

from uuid import UUID

import psycopg
from django.test import Client

from bench import loading, processes
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch

TABS = 100
EVERY = 3.0
"""Seconds between two polls of a visible tab (static/salesbrain/app.js)."""

SECONDS = {"full": 15.0, "quick": 9.0, "tiny": 1.0}
"""Seconds of each round."""

MOST = 0.10
"""Target: maximum share of a core for all tabs, web server and PostgreSQL together."""

NOTHING_NEW = 204
AIM = 8


def measure(plan: Plan, scratch: Scratch, results: Results, *, part: str, client: Client, organization: UUID) -> None:
    """Poll as 100 open pages of this logged-in client would, and record the share of a core; raises Wrong if a request is refused."""
    port, shares = processes.free_port(), []
    with scratch.connect(owner=True) as watching:
        request = question(client, organization, _position(watching, organization))
    rate = TABS / EVERY
    with processes.started("polling", processes.web(port), port=port, HTTPS="false") as web:
        requests = [request] * max(TABS, int(rate * SECONDS[plan.name]))
        for number in range(1 + plan.rounds):  # the first one warms up
            before = web.cpu(), processes.server_cpu(scratch.postmaster) or 0.0
            outcome = loading.paced(port, requests, connections=TABS, rate=rate)
            used = web.cpu() - before[0] + (processes.server_cpu(scratch.postmaster) or 0.0) - before[1]
            if set(outcome.statuses) != {NOTHING_NEW}:
                raise Wrong(
                    f"error: /poll answered {dict(outcome.statuses)} while nothing was new; its log is {web.log}."
                )
            if number:
                shares.append(used / outcome.seconds)
                results.add(part, f"{TABS} open tabs", "salesbrain", unit="ms", cpu_a_poll=1000 * used / len(requests))
                results.add(part, f"{TABS} open tabs", "salesbrain", unit="of a core", cpu=shares[-1])
    share = sorted(shares)[len(shares) // 2]
    results.aim(part, AIM, f"share of a core that {TABS} open tabs take", MOST, share, at_least=False)
    progress(f"{part}: {TABS} open tabs take {share:.1%} of a core")


def question(client: Client, organization: UUID, position: int) -> bytes:
    """Return the HTTP request of a page whose latest event has this position."""
    user, key = client.session["_auth_user_id"], client.session.session_key
    path = f"/poll?user={user}&organization={organization}&since={position}"
    return loading.get(path, Cookie=f"sessionid={key}", Accept="application/json")


def _position(watching: psycopg.Connection, organization: UUID) -> int:
    latest = watching.execute("SELECT max(position) FROM messaging_event WHERE organization_id = %s", [organization])
    return (latest.fetchone() or (0,))[0] or 0
