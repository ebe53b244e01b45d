"""Stats of an organization from sums per day, at the same cost for any number of campaigns.

The sums (OrganizationDailyStats) follow the daily stats: triggers note which days changed, the worker sums those again, and until then
they are read from the daily stats. A sum is therefore never wrong, only absent.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard
from uuid import UUID

from messaging.models import DailyStats
from messaging.models.rollup import COUNTS_SOMETHING, sql_list
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.fast_reads import Source, Where

LOCK = 0x5A1E5B04
"""Advisory lock: one transaction at a time sums days again, or the earlier of two could write what it saw over the later one."""

TRY_LOCK = f"SELECT pg_try_advisory_xact_lock({LOCK})"
NOTES_AT_ONCE = 2000
PARTS = {
    "counters": sql_list("*"),
    "sums": sql_list("sum(*)::int AS *"),
    "something": COUNTS_SOMETHING,
    "replaced": sql_list("* = excluded.*"),
}
SQL = db.statements(Path(__file__).with_name("sql") / "organization_stats")
REFRESH, DIFFERENCES = (SQL[name].format(**PARTS) for name in ("refresh", "differences"))
BOUNDS = {"day__gte": "day >= %(day__gte)s", "day__lte": "day <= %(day__lte)s"}


def refresh(limit: int = NOTES_AT_ONCE) -> int:
    """Sum again the days that up to `limit` notes name, and all days of one organization where a note says so; in SYSTEM scope.

    Returns the number of notes taken: call it until that is 0. Returns 0 too while another process does the same.
    """
    with rls.scope(rls.SYSTEM):
        if db.prepared(TRY_LOCK).fetchone() != (True,):
            return 0
        db.disable_seqscan()
        (taken,) = db.prepared(REFRESH, {"limit": limit}).fetchone() or (0,)
        return int(taken)


def sum_again(organization_id: UUID | None = None) -> None:
    """Note that all days of an organization, or of all, are to be summed again. In SYSTEM scope."""
    db.prepared(SQL["note"], {"organization": organization_id})


def differences(organization_id: UUID | None = None) -> list[tuple[UUID, date]]:
    """Return (organization, day) of sums that differ from the daily stats although no note says so. In SYSTEM scope."""
    return db.prepared(DIFFERENCES, {"organization": organization_id}).fetchall()


def applies_to(rows: Source, by: Sequence[str]) -> TypeGuard[Where]:
    """Return whether these daily stats are of one organization and narrowed by nothing but days, to be broken down by days at most."""
    return (
        isinstance(rows, Where)
        and rows.model is DailyStats
        and rows.compared.get("organization_id") is not None
        and set(rows.compared) <= {"organization_id", *BOUNDS}
        and set(by) <= {"day"}
    )


def sums(rows: Where, by: Sequence[str], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return (*by, tracks opens, tracks links, number of rows, *sums of `columns`) for each key and kind of tracking, in order of keys.

    `rows` and `by`: of which `applies_to` holds.
    """
    key = "".join(f"{column}, " for column in by)
    sql = SQL["read"].format(
        key=key,
        by="".join(f", {column}" for column in by),
        order=f" ORDER BY {', '.join(by)}" if by else "",
        bounds="".join(f" AND {BOUNDS[name]}" for name in rows.compared if name in BOUNDS),
        counters=sql_list("*", columns),
        inner=sql_list("sum(*) AS *", columns),
        sums=sql_list("sum(*)::bigint", columns),
        something=COUNTS_SOMETHING,
    )
    return db.prepared(sql, rows.compared).fetchall()
