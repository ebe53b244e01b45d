"""Rate limit of our requests to a workspace, shared by all processes and machines that hold its key.

Instantly counts per workspace, whichever process calls, so the window is in the database (an unlogged table: there is no Redis). One
statement per request reserves a place in the window: never more than `limit` in any window of time, first come, first served.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from accounts.models import ProviderConnection
from instantly.client import BudgetKind, BudgetUse
from instantly.client.errors import BudgetExhausted
from instantly.client.sentences import sentence
from salesbrain import rls
from salesbrain.kernel import db

MINUTE = 61.0  # seconds: Instantly counts when a request arrives, not when we sent it

TURN = """CASE WHEN cardinality(w.turns) >= %(limit)s
    THEN greatest(clock_timestamp(), w.turns[cardinality(w.turns) - %(limit)s + 1] + make_interval(secs => %(seconds)s))
    ELSE clock_timestamp() END"""
TAKE = f"""
INSERT INTO instantly_ratewindow AS w (key, turns) VALUES (%(key)s, ARRAY[clock_timestamp()])
ON CONFLICT (key) DO UPDATE SET turns = w.turns[greatest(1, cardinality(w.turns) - %(limit)s + 2):] || {TURN}
WHERE {TURN} <= clock_timestamp() + make_interval(secs => %(timeout)s)
RETURNING extract(epoch FROM turns[cardinality(turns)] - clock_timestamp())::float8
"""  # noqa: S608  # the parts are above
NEXT = f"SELECT extract(epoch FROM {TURN} - clock_timestamp())::float8 FROM instantly_ratewindow w WHERE key = %(key)s"  # noqa: S608
USED = """SELECT w.key, count(*) FROM unnest(%(keys)s::text[], %(seconds)s::float8[]) AS asked (key, seconds)
    JOIN instantly_ratewindow w ON w.key = asked.key CROSS JOIN LATERAL unnest(w.turns) AS turn
    WHERE turn > clock_timestamp() - make_interval(secs => asked.seconds) GROUP BY w.key"""


class SharedRateBudget:
    """Rate limit that a client consults before each request. Call outside a transaction: others see a request once it is committed."""

    def __init__(
        self,
        key: str,
        *,
        general_per_second: float,
        emails_per_minute: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._key, self._sleep = key, sleep
        self._windows = {"general": _window(general_per_second, 1.0), "emails": _window(emails_per_minute, MINUTE)}

    def acquire(self, kind: BudgetKind, *, timeout: float) -> None:
        """Wait until a request of `kind` may be sent. Raises BudgetExhausted at once if that takes longer than `timeout` seconds."""
        parameters = self._parameters(kind) | {"timeout": max(0.0, min(timeout, 3600.0))}
        with rls.scope(rls.SYSTEM):
            taken = _run(TAKE, parameters).fetchone()
            wait = taken[0] if taken else _run(NEXT, parameters).fetchone()[0]
        if not taken:
            limit, seconds = self._windows[kind]
            raise BudgetExhausted(
                sentence("provider.budget", limit=limit, seconds=f"{seconds:.0f}", kind=kind, wait=f"{wait:.1f}"),
                retry_after=wait,
                retryable=True,
            )
        if wait > 0:
            self._sleep(wait)

    def usage(self, kind: BudgetKind) -> BudgetUse:
        """Return the requests of `kind` that all processes together have used and have left now."""
        (use,) = self.usages([kind])
        return use

    def usages(self, kinds: Sequence[BudgetKind]) -> list[BudgetUse]:
        """Return `usage` of several kinds, in order, in one statement."""
        keys = [f"{self._key}/{kind}" for kind in kinds]
        windows = [self._windows[kind] for kind in kinds]
        with rls.scope(rls.SYSTEM):
            used = dict(_run(USED, {"keys": keys, "seconds": [seconds for _limit, seconds in windows]}).fetchall())
        return [
            BudgetUse(kind, min(used.get(key, 0), limit), limit, seconds)
            for kind, key, (limit, seconds) in zip(kinds, keys, windows, strict=True)
        ]

    def _parameters(self, kind: BudgetKind) -> dict[str, Any]:
        limit, seconds = self._windows[kind]
        return {"key": f"{self._key}/{kind}", "limit": limit, "seconds": seconds}


def budget_of(connection: ProviderConnection) -> SharedRateBudget:
    """Return the budget of this connection's workspace; staff see its `usage`."""
    return SharedRateBudget(
        connection.workspace_id or str(connection.pk),
        general_per_second=settings.INSTANTLY_REQUESTS_PER_SECOND,
        emails_per_minute=settings.INSTANTLY_EMAIL_LISTS_PER_MINUTE,
    )


def _window(limit: float, seconds: float) -> tuple[int, float]:
    """Return an integer limit and its window in seconds: a limit of 0.5 in one second becomes 1 in two seconds."""
    return (int(limit), seconds) if limit >= 1 else (1, seconds / limit)


def _run(sql: str, parameters: dict[str, Any]) -> Any:
    return db.prepared(sql, parameters)
