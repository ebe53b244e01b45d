"""Recount the daily stats from the rows they count, and repair differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from messaging import machine_opens, organization_stats
from messaging.event_writer import COUNTED_AS
from messaging.models.rollup import ROLLUP_COUNTERS, sql_list
from salesbrain import rls
from salesbrain.kernel import db

SQL = db.statements(Path(__file__).parent / "sql" / "stats_rebuild")

LIKELY_MACHINE = db.statements(Path(__file__).parent / "sql")["likely_machine"]
WATCHED = machine_opens.insert_rule(SQL["watched"], LIKELY_MACHINE)
LOCK_MESSAGES, SET_MESSAGES = (SQL[name].format(watched=WATCHED) for name in ("lock_messages", "set_messages"))
DIFFERENCES = machine_opens.insert_rule(SQL["differences"], LIKELY_MACHINE).format(
    recounted=sql_list("count(1) FILTER (WHERE figure = '*')::int AS *"),
    differences=sql_list("coalesce(s.*, 0) - coalesce(r.*, 0) AS *"),
    differ=" OR ".join(f"coalesce(s.{figure}, 0) <> coalesce(r.{figure}, 0)" for figure in ROLLUP_COUNTERS),
)
CORRECT = SQL["correct"].format(
    differences_of_all=DIFFERENCES,
    corrected=sql_list("* = s.* - d.*"),
    figures=sql_list("*"),
    added=sql_list("-*"),
)
DROP_ZEROS = SQL["drop_zeros"].format(figures=sql_list("*"), zeros=sql_list("0"))

# Every writer of stats locks its campaigns and then the rollups; so do we, or a campaign being moved and we would wait for
# each other. A batch that has written its rows and not its figures yet waits, and adds to what we have counted; one that
# has written both is waited for.
HOLD_CAMPAIGNS = "SELECT id FROM campaigns_campaign ORDER BY id FOR KEY SHARE"
HOLD_ROLLUPS = "LOCK TABLE messaging_dailystats IN SHARE ROW EXCLUSIVE MODE"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the daily stats that differs from the recount; `figures`: stored minus recounted, where not zero."""

    organization_id: UUID
    campaign_id: UUID | None
    email_account: str
    day: date
    step: int
    variant: int
    figures: dict[str, int]


def differences(organization_id: UUID | None = None) -> list[Difference]:
    """Return the daily stats (of one organization, or all) that differ from a recount. Takes no locks."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        return _read(db.prepared(DIFFERENCES, _parameters(organization_id)).fetchall())


def rebuild(organization_id: UUID | None = None) -> list[Difference]:
    """Correct the daily stats (of one organization, or all); return the differences.

    Before that, the opens and clicks stored in messages are corrected from the event log. One transaction; workers wait for it before they
    write stats, and deliveries are accepted in the meantime. The sums of organizations' days are made anew by the worker.
    """
    parameters: Any = _parameters(organization_id)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        db.prepared(HOLD_CAMPAIGNS)
        _correct_messages(organization_id)
        db.prepared(HOLD_ROLLUPS)
        found = _read(db.prepared(CORRECT, parameters).fetchall())
        db.prepared(DROP_ZEROS, parameters)
        organization_stats.sum_again(organization_id)
        return found


def _correct_messages(organization_id: UUID | None) -> None:
    """Correct the messages that the stats are counted from, locked in the order that batches use. The second statement sees what was
    written before the locks were held."""
    wanted: Any = {"organization": organization_id, "messages": None}
    ids = [id for (id,) in db.prepared(LOCK_MESSAGES, wanted).fetchall()]
    if ids:
        wanted["messages"] = ids
        db.prepared(SET_MESSAGES, wanted)


def _parameters(organization_id: UUID | None) -> dict[str, Any]:
    return {
        "organization": organization_id,
        "counted_as": orjson.dumps({str(type): figure for type, figure in COUNTED_AS.items()}).decode(),
    }


def _read(rows: Sequence[tuple[Any, ...]]) -> list[Difference]:
    found = []
    for _, organization, campaign, account, day, step, variant, *values in rows:
        figures = {figure: value for figure, value in zip(ROLLUP_COUNTERS, values, strict=True) if value}
        found.append(Difference(organization, campaign, account, day, step, variant, figures))
    return sorted(
        found, key=lambda d: (d.day, str(d.organization_id), str(d.campaign_id), d.email_account, d.step, d.variant)
    )
