"""Benchmark part 4, sync of a large workspace: requests, overhead, and a sync without changes.

The overhead is compared with fetching alone and with a raw COPY. Email accounts are measured separately as well, because a performance
target names them; an account has a quarter of a campaign's text.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, perf_counter, process_time, sleep
from typing import Any

import orjson
import psycopg
import requests
import urllib3
from django.test import override_settings

from accounts.models import ProviderConnection
from bench import processes
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import Scratch
from instantly.choices import SyncTrigger
from instantly.sync.service import sync_connection
from salesbrain import rls
from salesbrain.kernel import gc_tuning

PART = "sync"
PAGE = 100
MIRRORED = ("campaigns_campaign", "accounts_emailaccount")
VERSIONS = """SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint, pg_current_wal_lsn() - '0/0'
    FROM pg_stat_user_tables WHERE relname = ANY (%s)"""


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    """In each round a fresh connection of either workspace: fetch and COPY, first sync, then a sync in which nothing is new."""
    accounts, both = f"{plan.synced:,} email accounts", f"{plan.synced:,} campaigns and {plan.synced:,} email accounts"
    workspaces = {accounts: (0, plan.synced), both: (plan.synced, plan.synced)}
    gc_tuning.reduce_gc_frequency()  # as the processes do that sync
    with scratch.connect(owner=True) as watching:
        watching.execute("CREATE TABLE IF NOT EXISTS bench_copied (id text, body json)")
        for round in range(plan.rounds):
            for case, (campaigns, email_accounts) in workspaces.items():
                key, seed = secrets.token_urlsafe(24), f"{round}-{campaigns}"
                with (
                    _emulator(campaigns, email_accounts, key, seed) as url,
                    override_settings(INSTANTLY_BASE_URL=url, INSTANTLY_REQUESTS_PER_SECOND=100_000.0),
                ):
                    results.add_all(PART, case, "fetch and COPY", _copied(url, key, scratch, watching))
                    connection = ProviderConnection(name=f"sync-{seed}")
                    connection.set_api_key(key)
                    with rls.scope(rls.SYSTEM):
                        connection.save()
                    count = campaigns + email_accounts
                    for system in ("first sync", "sync without news"):
                        results.add_all(PART, case, system, _synced(connection, count, scratch, watching))
            progress(f"sync: round {round + 1} of {plan.rounds}")
    for case in workspaces:
        reached = results.ratio(PART, case, "first sync", "fetch and COPY", "seconds")
        results.aim(PART, 7, f"sync of {case} beside fetch and COPY", 1.5, reached, at_least=False)
    _aims(results, both)


@contextmanager
def _emulator(campaigns: int, email_accounts: int, key: str, seed: str) -> Iterator[str]:
    """Run the emulator with so many campaigns and accounts and without simulated life; another seed is another workspace."""
    port = processes.free_port()
    command = [
        processes.PYTHON,
        "manage.py",
        "run_emulator",
        "--port",
        port,
        f"--key={key}",  # one word: a key may begin with a dash
        "--campaigns",
        campaigns,
        "--accounts",
        email_accounts,
    ]
    with processes.started(
        "emulator", [str(part) for part in [*command, "--seed", seed, "--rate", "0", "--no-rate-limits"]], port=port
    ):
        yield f"http://127.0.0.1:{port}"


def _copied(url: str, key: str, scratch: Scratch, watching: psycopg.Connection) -> dict[str, float | None]:
    """Measure the minimum work: fetch every page over one connection and COPY the objects unchanged into a table."""
    spent, asked = _Spent(scratch), 0
    watching.execute("TRUNCATE bench_copied")
    with requests.Session() as session, watching.cursor().copy("COPY bench_copied FROM STDIN") as copy:
        session.headers["Authorization"] = f"Bearer {key}"
        for kind in ("campaigns", "accounts"):
            after: str | None = ""
            while after is not None:
                place: dict[str, str | int] = {"limit": PAGE} | ({"starting_after": after} if after else {})
                answer = session.get(f"{url}/api/v2/{kind}", params=place, timeout=30)
                answer.raise_for_status()
                page: dict[str, Any] = orjson.loads(answer.content)
                for item in page["items"]:
                    copy.write_row((item.get("id") or item["email"], orjson.dumps(item).decode()))
                asked, after = asked + 1, page.get("next_starting_after") or None
    return {**spent.since(), "asked": asked}


def _synced(
    connection: ProviderConnection, count: int, scratch: Scratch, watching: psycopg.Connection
) -> dict[str, float | None]:
    before, opened = _written(watching), _Opened()
    spent = _Spent(scratch)
    with opened:
        report = sync_connection(connection, trigger=SyncTrigger.COMMAND)
    figures = spent.since()
    if report.status != "succeeded":
        raise SystemExit(f"error: the sync did not succeed: {report.problems[:3]}")
    listed = sum(counts.listed for counts in report.kinds.values())
    if listed != count:
        raise SystemExit(f"error: {count} objects are there, the sync saw {listed}.")
    after = _written(watching)
    return {
        **figures,
        "asked": report.requests,
        "connections": opened.count,
        "row_versions": after[0] - before[0],
        "wal_kib": (after[1] - before[1]) / 1024,
    }


def _written(watching: psycopg.Connection) -> tuple[int, int]:
    """Return (row versions ever written to the mirrored tables, bytes of WAL so far), when the statistics have settled."""
    from django.db import connections

    connections["default"].close()  # a backend tells its statistics at the latest when it ends
    due, last = monotonic() + 5, (-1, -1)
    while monotonic() < due:
        row = watching.execute(VERSIONS, [list(MIRRORED)]).fetchone()
        found = (int(row[0] or 0), int(row[1])) if row else (0, 0)
        if found == last:
            break
        last = found
        sleep(1.1)
    return last


class _Spent:
    """Measures time, and the CPU of this process and of PostgreSQL, since its creation."""

    def __init__(self, scratch: Scratch) -> None:
        self._postmaster = scratch.postmaster
        self._began, self._own, self._server = perf_counter(), process_time(), processes.server_cpu(self._postmaster)

    def since(self) -> dict[str, float | None]:
        seconds, own, server = perf_counter(), process_time(), processes.server_cpu(self._postmaster)
        return {
            "seconds": seconds - self._began,
            "client_cpu": own - self._own,
            "postgresql_cpu": None if server is None or self._server is None else server - self._server,
        }


class _Opened:
    """Context that counts the HTTP connections opened in it."""

    def __enter__(self) -> "_Opened":
        self.count, self._real = 0, urllib3.connection.HTTPConnection.connect

        def connect(connection: urllib3.connection.HTTPConnection) -> None:
            self.count += 1
            self._real(connection)

        urllib3.connection.HTTPConnection.connect = connect  # type: ignore[method-assign, assignment]  # patched to count
        return self

    def __exit__(self, *_: object) -> None:
        urllib3.connection.HTTPConnection.connect = self._real  # type: ignore[method-assign]  # as it was


def _aims(results: Results, case: str) -> None:
    results.aim(
        PART, 7, "HTTP connections of a sync", 1, results.value(PART, case, "first sync", "connections"), at_least=False
    )
    pages = results.value(PART, case, "fetch and COPY", "asked")
    asked = results.value(PART, case, "first sync", "asked")
    results.aim(
        PART,
        7,
        "requests beyond one a page",
        2,
        None if asked is None or pages is None else asked - pages,
        at_least=False,
    )
    results.aim(
        PART,
        7,
        "row versions written by a sync without news",
        0,
        results.value(PART, case, "sync without news", "row_versions"),
        at_least=False,
    )
