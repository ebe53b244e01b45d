"""Waiting for what can be seen, instead of for a while."""

from django.db import connections


def until_somebody_waits_for_a_lock() -> None:
    """Return as soon as a connection of this database waits for a lock; asks on `owner`, whatever that is in the middle of."""
    with connections["owner"].cursor() as cursor:
        for _ in range(2_000):
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE NOT l.granted AND a.datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005), pg_stat_clear_snapshot()")
    raise AssertionError("nobody ever waited for a lock")
