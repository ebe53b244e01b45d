"""Engine: compare what the rules find now with the open findings, and record the difference."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from messaging.choices import FindingTarget
from messaging.findings.judges import Judgement
from messaging.findings.rules import Rule
from messaging.models import Finding
from salesbrain import rls

logger = logging.getLogger(__name__)

LOCK = 0x5BF1
"""Key of the advisory lock that prevents two concurrent runs."""


@dataclass(frozen=True, slots=True)
class Target:
    """Object of a finding. `organization` None: the object belongs to no customer."""

    type: FindingTarget
    id: UUID
    name: str
    organization: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    target: Target
    judgement: Judgement

    @property
    def key(self) -> tuple[str, str, UUID]:
        return self.judgement.rule.name, str(self.target.type), self.target.id


@dataclass(frozen=True, slots=True)
class Source:
    """Source of findings: `find` returns all that its `rules` find now; findings not among them are closed. Called in SYSTEM scope."""

    name: str
    rules: Sequence[Rule]
    find: Callable[[datetime], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Changes:
    """Result of a run: opened, changed and closed findings; `failed`: names of sources that raised, whose findings stay as they were."""

    opened: list[Finding]
    changed: list[Finding]
    closed: list[Finding]
    failed: list[str]


COLUMNS = ("severity", "target_name", "organization_id", "figure", "limit", "sample", "floor", "reason", "detail")


def run(sources: Iterable[Source], *, now: datetime) -> Changes:
    """Run every source and record new, changed and closed findings; repeating it over the same facts changes nothing."""
    judged: set[str] = set()
    found: dict[tuple[str, str, UUID], Found] = {}
    failed: list[str] = []
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for source in sources:
            try:
                with transaction.atomic():
                    here = {one.key: one for one in source.find(now)}
            except Exception:  # a broken source must not hide what the others find
                logger.exception("Could not look for findings of %s", source.name)
                failed.append(source.name)
                continue
            found |= here
            judged |= {rule.name for rule in source.rules}
        return _record(found, judged, failed, now)


def _record(found: dict[tuple[str, str, UUID], Found], judged: set[str], failed: list[str], now: datetime) -> Changes:
    opened, changed, closed = [], [], []
    known = {
        (row.rule, row.target_type, row.target_id): row
        for row in Finding.objects.filter(until__isnull=True, rule__in=judged)
    }
    for key, one in found.items():
        values = _values(one)
        row = known.get(key)
        if row is None:
            rule, target_type, target_id = key
            opened.append(Finding(rule=rule, target_type=target_type, target_id=target_id, since=now, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = now
            changed.append(row)
    for key, row in known.items():
        if key not in found:
            row.until = row.updated_at = now
            closed.append(row)
    Finding.objects.bulk_create(opened)
    Finding.objects.bulk_update(changed, [*COLUMNS, "updated_at"])
    Finding.objects.bulk_update(closed, ["until", "updated_at"])
    return Changes(opened, changed, closed, failed)


def _values(one: Found) -> dict[str, object]:
    judgement = one.judgement
    return {
        "severity": str(judgement.severity),
        "target_name": one.target.name,
        "organization_id": one.target.organization,
        "figure": None if judgement.figure is None else round(judgement.figure, 4),
        "limit": None if judgement.limit is None else round(judgement.limit, 4),
        "sample": judgement.sample,
        "floor": judgement.rule.floor or None,
        "reason": judgement.reason,
        "detail": judgement.detail,
    }
