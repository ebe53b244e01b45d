"""Retention of webhook bodies and sync runs, and the run over the rules of all apps.

Events, messages and the digests of deliveries are kept for ever: their removal would change figures. Without its body a stored delivery
still identifies a repeated one as a copy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from accounts import retention as of_accounts
from accounts.models import ProviderConnection
from accounts.services import record_audit
from instantly.processing.pruning import prunable, prune
from messaging import retention as of_messaging
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.retention import Rule

BATCH = 1000
"""Rows of a transaction."""
BATCHES = 500
"""Batches of a rule in one run of the job; it queues itself again for the rest, behind other jobs."""

# What gap repair goes on from: the latest run with facts, and the latest that succeeded, of each connection and trigger.
GOES_ON_FROM = """SELECT DISTINCT ON (connection_id, trigger, kind) id FROM (
        SELECT id, connection_id, trigger, started_at, 'facts' AS kind FROM instantly_syncrun WHERE counts <> '{}'::jsonb
        UNION ALL SELECT id, connection_id, trigger, started_at, 'succeeded' FROM instantly_syncrun WHERE status = 'succeeded') r
    ORDER BY connection_id, trigger, kind, started_at DESC, id DESC"""
OLD = "started_at < %(before)s AND finished_at IS NOT NULL AND id <> ALL (%(kept)s)"
COUNT_RUNS = f"SELECT count(*) FROM instantly_syncrun WHERE {OLD}"  # noqa: S608  # constants of this file
REMOVE_RUNS = f"""DELETE FROM instantly_syncrun WHERE id = ANY (ARRAY(SELECT id FROM instantly_syncrun
    WHERE connection_id = %(connection)s AND {OLD} ORDER BY started_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED))"""  # noqa: S608


def _bodies(before: datetime, batch: int) -> Iterator[int]:
    return prune(before, chunk=batch)


def _count_runs(before: datetime) -> int:
    with rls.scope(rls.SYSTEM):
        row = db.prepared(COUNT_RUNS, {"before": before, "kept": _kept()}).fetchone()
        return int(row[0]) if row else 0


def _remove_runs(before: datetime, batch: int) -> Iterator[int]:
    with rls.scope(rls.SYSTEM):
        kept, connections = _kept(), list(ProviderConnection.objects.order_by("pk").values_list("pk", flat=True))
    for connection_id in connections:
        while True:
            asked = {"before": before, "kept": kept, "connection": connection_id, "batch": batch}
            with rls.scope(rls.SYSTEM):
                removed = db.prepared(REMOVE_RUNS, asked).rowcount
            if not removed:
                break
            yield removed


def _kept() -> list[UUID]:
    return [id for (id,) in db.prepared(GOES_ON_FROM)]


OWN = (
    Rule("bodies", "RETENTION_BODIES_DAYS", "bodies of webhook deliveries", lambda before: prunable(before)[0], _bodies),
    Rule("runs", "RETENTION_RUNS_DAYS", "sync runs", _count_runs, _remove_runs),
)  # fmt: skip
RULES: tuple[Rule, ...] = (*OWN, *of_messaging.RULES, *of_accounts.RULES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one retention rule. `before`: older rows go, None: kept for ever. `rows`: number removed, or in a forecast to be removed.
    `more`: the run reached its limit before all were removed.
    """

    rule: Rule
    before: datetime | None
    rows: int = 0
    more: bool = False


def forecast(*, now: datetime, rules: Iterable[Rule] = RULES) -> list[Outcome]:
    """Count what each rule would remove now, and change nothing. Call outside of a transaction."""
    asked = [(rule, rule.before(now)) for rule in rules]
    return [Outcome(rule, before, rule.count(before) if before else 0) for rule, before in asked]


def apply(
    *, now: datetime, actor_name: str, rules: Iterable[Rule] = RULES, batches: int | None = None
) -> list[Outcome]:
    """Remove what the rules no longer keep, BATCH rows a transaction, up to `batches` of each rule (None: all); return an outcome per rule.

    One audit entry has the numbers, where anything was removed. Call outside of a transaction. An aborted run is simply repeated.
    """
    outcomes = [_applied(rule, now, batches) for rule in rules]
    removed = {outcome.rule.name: outcome.rows for outcome in outcomes if outcome.rows}
    if removed:
        with rls.scope(rls.SYSTEM):
            record_audit(action="retention.apply", actor_name=actor_name, detail=removed)
    return outcomes


def _applied(rule: Rule, now: datetime, batches: int | None) -> Outcome:
    before = rule.before(now)
    if before is None:
        return Outcome(rule, None)
    done = list(islice(rule.batches(before, BATCH), batches))
    return Outcome(rule, before, sum(done), more=batches is not None and len(done) >= batches)
