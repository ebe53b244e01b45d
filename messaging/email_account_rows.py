"""List of email accounts with stats of the week, a finding on their health, and sends by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.choices import EmailAccountStatus, WarmupStatus
from accounts.models import EmailAccount, Organization
from messaging import stats
from messaging.email_account_health import MAX_BOUNCE_RATE, EmailAccountHealth, health_by_account
from messaging.models import DailyStats

LINE = timedelta(days=29)
FEW = 20
"""Sends in a week below which an account is not judged."""

MAX_COMPLAINT_RATE = 0.003
"""Google's limit for senders (https://support.google.com/a/answer/81126: keep spam rates below 0.3 %)."""

MIN_WARMUP_SCORE = 70
MANY = 200
"""Sends in a week without one reply after which mails probably arrive in spam folders."""


class Finding(StrEnum):
    """Finding on an email account's health, most severe first; an account shows the first that applies."""

    GONE = "gone"
    SUSPENDED = "suspended"
    ERROR = "error"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    WARMUP_BANNED = "warmup_banned"
    WARMUP_LOW = "warmup_low"
    SILENT = "silent"
    PAUSED = "paused"
    UNKNOWN = "unknown"
    GOOD = "good"


BAD = frozenset({Finding.GONE, Finding.SUSPENDED, Finding.ERROR, Finding.BOUNCES, Finding.COMPLAINTS})
DOUBTFUL = frozenset({Finding.WARMUP_BANNED, Finding.WARMUP_LOW, Finding.SILENT})

BY_STATUS: dict[str, Finding] = {
    EmailAccountStatus.SUSPENDED: Finding.SUSPENDED,
    EmailAccountStatus.CONNECTION_ERROR: Finding.ERROR,
    EmailAccountStatus.SOFT_BOUNCE_ERROR: Finding.ERROR,
    EmailAccountStatus.SENDING_ERROR: Finding.ERROR,
    EmailAccountStatus.ERROR: Finding.ERROR,
}
RESTING = (EmailAccountStatus.PAUSED, EmailAccountStatus.MAINTENANCE)
BANNED = (WarmupStatus.BANNED, WarmupStatus.PERMANENTLY_SUSPENDED)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An email account with `health` of the last 7 days; `line`: emails sent per day of the last 30, oldest first."""

    account: EmailAccount
    health: EmailAccountHealth
    line: Sequence[int]

    @property
    def finding(self) -> Finding:
        return finding(self.account, self.health)

    @property
    def needs_attention(self) -> bool:
        return self.finding in BAD or self.finding in DOUBTFUL

    @property
    def tone(self) -> str:
        found = self.finding
        return "bad" if found in BAD else "warn" if found in DOUBTFUL else "good" if found is Finding.GOOD else ""

    @property
    def bounce_rate(self) -> float | None:
        return self.health.rate("bounces")

    @property
    def reply_rate(self) -> float | None:
        return self.health.rate("replies")


def finding(account: EmailAccount, health: EmailAccountHealth) -> Finding:
    """Return the most severe finding that applies to an email account."""
    bounces, complaints = health.rate("bounces") or 0.0, health.rate("complaints") or 0.0
    enough = health.sent >= FEW
    rules = (
        (account.missing_since is not None, Finding.GONE),
        (account.status in BY_STATUS, BY_STATUS.get(account.status, Finding.ERROR)),
        (enough and bounces > MAX_BOUNCE_RATE, Finding.BOUNCES),
        (enough and complaints > MAX_COMPLAINT_RATE, Finding.COMPLAINTS),
        (account.warmup_status in BANNED, Finding.WARMUP_BANNED),
        (account.warmup_score is not None and account.warmup_score < MIN_WARMUP_SCORE, Finding.WARMUP_LOW),
        (health.sent >= MANY and not health.replies, Finding.SILENT),
        (account.status in RESTING, Finding.PAUSED),
        (account.status == EmailAccountStatus.UNKNOWN, Finding.UNKNOWN),
    )
    return next((found for applies, found in rules if applies), Finding.GOOD)


ORDERS: dict[str, Callable[[AccountRow], Any]] = {
    "health": lambda row: list(Finding).index(row.finding),
    "address": lambda row: row.account.address,
    "sent": lambda row: row.health.sent,
    "today": lambda row: row.health.sent_today,
    "bounce_rate": lambda row: -1.0 if row.bounce_rate is None else row.bounce_rate,
    "reply_rate": lambda row: -1.0 if row.reply_rate is None else row.reply_rate,
    "warmup": lambda row: -1.0 if row.account.warmup_score is None else row.account.warmup_score,
}
"""Sort keys of accounts; "health": the worst first. Equal ones by address."""

MOST = 2000
"""Accounts that are loaded for sorting at most, because no index has their health."""


def account_rows(
    accounts: "QuerySet[EmailAccount]", *, today: date, order: str = "health", offset: int = 0, limit: int = 50
) -> list[AccountRow]:
    """Return a page of accounts in order ("-" before it for descending), in at most five statements."""
    rows = with_health(list(accounts.order_by("address", "pk").defer("raw")[:MOST]), today=today)
    rows.sort(key=ORDERS[order.lstrip("-")], reverse=order.startswith("-"))
    return with_lines(rows[offset : offset + limit], today=today)


def with_health(
    accounts: Sequence[EmailAccount], *, today: date, organizations: Sequence[UUID] | None = None
) -> list[AccountRow]:
    """Return the accounts with their stats of 7 days, without charts.

    In two statements, in one where the caller knows the `organizations` that the scope shows.
    """
    health = health_by_account(accounts, today=today, organizations=organizations) if accounts else {}
    none = EmailAccountHealth()
    return [AccountRow(account, health.get((account.connection_id, account.address), none), ()) for account in accounts]


def with_lines(rows: Sequence[AccountRow], *, today: date) -> list[AccountRow]:
    """Return the rows with their sends by day added, in two statements."""
    if not rows:
        return []
    sends: QuerySet[Any] = DailyStats.objects.filter(
        organization__in=list(Organization.objects.values_list("pk", flat=True)),  # whose campaigns send, for the index
        day__gte=today - LINE,
        day__lte=today,
        email_account__in={row.account.address for row in rows},
    )
    lines = stats.daily(sends, ["sent"], by=["campaign__connection_id", "email_account"])
    days = [today - LINE + timedelta(days=n) for n in range(LINE.days + 1)]
    return [
        replace(
            row,
            line=[lines.get((row.account.connection_id, row.account.address), {}).get(day, (0,))[0] for day in days],
        )
        for row in rows
    ]


def worst_first(rows: Sequence[AccountRow]) -> list[AccountRow]:
    """Return the accounts that need attention, most severe first."""
    order = list(Finding)
    return sorted((row for row in rows if row.needs_attention), key=lambda row: order.index(row.finding))
