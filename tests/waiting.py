"""Wait for observable conditions in tests (locks, processes) instead of fixed times."""

from typing import Any

import psycopg
from django.db import connections


def until_somebody_waits_for_a_lock(many: int = 1, *, behind: psycopg.Connection[Any] | None = None) -> None:
    """Return when `many` connections of this database wait for a lock (`behind` this one); it queries on the alias `owner`, independent of
    the test's transaction.
    """
    blocker = behind.info.backend_pid if behind else None
    with connections["owner"].cursor() as cursor:
        for _ in range(2_000):
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE NOT l.granted AND a.datname = current_database() AND (%s::int IS NULL OR %s::int = ANY (pg_blocking_pids(pid)))",
                [blocker, blocker],
            )
            if cursor.fetchone()[0] >= many:
                return
            cursor.execute("SELECT pg_sleep(0.005), pg_stat_clear_snapshot()")
    raise AssertionError(f"{many} connections never waited for a lock")
