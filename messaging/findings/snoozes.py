"""Snoozes of open findings: hide them until a time, with a reason, and show them again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Q, QuerySet

from messaging.models import Finding

LONGEST = timedelta(days=90)


class InvalidSnooze(ValueError):
    """Error: the end of a snooze is past or too far away, or its reason is missing."""


def open_findings(now: datetime) -> "QuerySet[Finding]":
    """Return the findings that need attention: open and not snoozed at `now`."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    return Finding.objects.filter(awake, until__isnull=True)


def open_counts(now: datetime, *, using: str = DEFAULT_DB_ALIAS) -> dict[tuple[str, str], int]:
    """Return how many need attention, by rule and severity, in one statement."""
    rows = open_findings(now).using(using).order_by().values_list("rule", "severity").annotate(count=Count("pk"))
    return {(rule, severity): count for rule, severity, count in rows}


def snooze(findings: Iterable[UUID], *, until: datetime, reason: str, by: str, now: datetime) -> int:
    """Snooze open findings in the caller's scope; return how many. Raises InvalidSnooze."""
    if not (now < until <= now + LONGEST) or not reason.strip():
        raise InvalidSnooze
    rows = Finding.objects.filter(pk__in=list(findings), until__isnull=True)
    return rows.update(snoozed_until=until, snooze_reason=reason.strip()[:500], snoozed_by=by, updated_at=now)


def wake(findings: Iterable[UUID], *, now: datetime) -> int:
    """End the snoozes of open findings in the caller's scope; return how many."""
    rows = Finding.objects.filter(pk__in=list(findings), until__isnull=True, snoozed_until__isnull=False)
    return rows.update(snoozed_until=None, snooze_reason="", snoozed_by="", updated_at=now)
