"""Report of stats for API and pages: a period, the one before, a breakdown by campaign or day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount
from messaging import stats
from messaging.models import DailyStats
from salesbrain.kernel.fast_reads import Source


@dataclass(frozen=True, slots=True)
class Question:
    """Parameters of a report: days from `start` to `end`, both included; `compares` adds the preceding period of the same length; `by`
    breaks down (stats.BY).
    """

    start: date | None = None
    end: date | None = None
    compares: bool = False
    by: str | None = None

    @property
    def period(self) -> stats.Period:
        start, end = self.start, self.end
        return stats.Period(min(start, end), max(start, end)) if start and end else stats.Period(start, end)


def report(rows: Source, question: Question, *, tracking: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return the stats over these rows, those of the preceding period or None, and the breakdown. One or two statements.

    `tracking`: which events the campaign tracks, if all rows belong to one campaign (stats.total).
    """
    period, by = question.period, question.by
    before = period.before() if question.compares else None
    within = period.filter(rows)
    whole, groups = (
        stats.total_and_groups(within, by, tracking=tracking) if by else (stats.total(within, tracking=tracking), [])
    )
    return {
        **whole,
        "period": _shown(period),
        "before": {**stats.total(before.filter(rows), tracking=tracking), "period": _shown(before)} if before else None,
        "by": by,
        "rows": groups,
        "definitions": stats.DEFINITIONS,
    }


def _shown(period: stats.Period) -> dict[str, Any]:
    return {"start": period.start, "end": period.end}


def rows_of_account(account: EmailAccount) -> "QuerySet[DailyStats]":
    """Return the daily stats of a mailbox, by address within its workspace: the mailbox may be unassigned although the campaigns that use
    it belong to a customer.
    """
    return DailyStats.objects.filter(email_account=account.address, campaign__connection_id=account.connection_id)


def account_report(
    account: EmailAccount, rows: "QuerySet[DailyStats]", question: Question, *, today: date
) -> dict[str, Any]:
    """Return `report` with the account's usage, campaigns and deliverability. The campaigns come with the total, unless another breakdown
    is asked for."""
    answer = report(rows, replace(question, by=question.by or "campaign"))
    groups = answer["rows"]
    return {
        **answer,
        "by": question.by,
        "rows": groups if question.by else [],
        "usage": usage(account, rows, today=today),
        "campaigns": groups if answer["by"] == "campaign" else stats.grouped(question.period.filter(rows), "campaign"),
        "deliverability": {
            "is_healthy": account.status == EmailAccountStatus.ACTIVE and account.missing_since is None,
            **{name: getattr(account, name) for name in ("status", "status_reason", "warmup_status", "warmup_score")},
            **{name: answer[name] for name in ("bounce_rate", "complaint_rate", "reply_rate")},
        },
    }


def usage(account: EmailAccount, rows: "QuerySet[DailyStats]", *, today: date) -> dict[str, Any]:
    """Return emails sent today (UTC), in 7 and in 30 days, against the daily limit."""
    days = {
        name: Q(day__gt=today - timedelta(days=n), day__lte=today)
        for name, n in (("today", 1), ("week", 7), ("month", 30))
    }
    sent = rows.aggregate(**{name: Coalesce(Sum("sent", filter=those), 0) for name, those in days.items()})
    return {
        "sent_today": sent["today"],
        "daily_limit": account.daily_limit,
        "left_today": None if account.daily_limit is None else max(0, account.daily_limit - sent["today"]),
        "sent_last_7_days": sent["week"],
        "sent_last_30_days": sent["month"],
    }
