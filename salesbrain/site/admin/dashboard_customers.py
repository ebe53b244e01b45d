"""Customers on the dashboard: 30 days, this week against the one before, goals, leads, findings.

Stats come from the rollup, never from counting messages; days are UTC days. Ten statements for any number of customers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext

from accounts.models import EmailAccount, Organization
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from messaging import stats
from messaging.choices import Severity
from messaging.email_account_health import MAX_BOUNCE_RATE
from messaging.findings import leads
from messaging.findings.rules import LEADS_LEFT
from messaging.goals import METRICS, Progress, first_day, forecast, last_day
from messaging.models import DailyStats, Finding, Goal
from messaging.web.words import FIGURES as FIGURE_WORDS
from salesbrain.web.figures import number

FIGURES = {
    "sent": "sent",
    "replies": "replies",
    "positive_replies": "interested",
    "bounced": "bounces",
    "meetings": "meetings",
}
"""Stat -> its short name here."""
COLUMNS = {name: name for name in FIGURES.values()}
"""Short name -> its column of the rollup: those of messaging.stats that need no tracking and subtract nothing."""
SHOWN = ("sent", "replies", "interested", "bounces")
WEEK = timedelta(days=6)
"""Today and the six days before it."""
LINE = 30

Days = Mapping[date, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure from Monday to today, and of the same weekdays a week before."""

    now: int
    before: int

    @property
    def share(self) -> float | None:
        """Return the growth as a fraction; None where the week before was 0."""
        return (self.now - self.before) / self.before if self.before else None


@dataclass(frozen=True, slots=True)
class GoalLine:
    """Progress of one of a customer's goals for the month, as a text."""

    progress: Progress

    @property
    def is_on_course(self) -> bool:
        return self.progress.is_on_course

    @property
    def text(self) -> str:
        stat, _meaning = FIGURE_WORDS[self.progress.metric]
        said = {"done": number(self.progress.done), "target": number(self.progress.target), "stat": stat}
        if self.progress.is_reached or self.progress.forecast is None:
            return gettext("%(stat)s: %(done)s of %(target)s") % said
        return gettext("%(stat)s: %(done)s of %(target)s, heading for %(forecast)s") % {
            **said,
            "forecast": number(self.progress.forecast),
        }


@dataclass(slots=True)
class OrganizationRow:
    """One customer. `line`: emails sent a day, oldest first; `leads_days` None: not known."""

    organization: Organization
    today: dict[str, int]
    week: dict[str, int]
    changes: dict[str, Change] = field(default_factory=dict)
    line: Sequence[int] = ()
    goals: Sequence[GoalLine] = ()
    leads_days: float | None = None
    sending: int = 0
    not_sending: int = 0
    unhealthy: int = 0
    findings: Counter[str] = field(default_factory=Counter)

    @property
    def reply_rate(self) -> float | None:
        """Return the replies per mail sent in seven days as a fraction; None when nothing was sent, which is not 0 %."""
        return self.week["replies"] / self.week["sent"] if self.week["sent"] else None

    @property
    def bounce_rate(self) -> float | None:
        return self.week["bounces"] / self.week["sent"] if self.week["sent"] else None

    @property
    def bounces_too_much(self) -> bool:
        rate = self.bounce_rate
        return rate is not None and rate > MAX_BOUNCE_RATE

    @property
    def runs_out(self) -> bool:
        return self.leads_days is not None and self.leads_days < LEADS_LEFT.limit

    @property
    def whole_leads_days(self) -> int | None:
        return None if self.leads_days is None else int(self.leads_days)

    @property
    def worst(self) -> str:
        """Return the severity of the customer's most severe finding; empty if there is none."""
        return next((str(severity) for severity in Severity if self.findings[severity]), "")

    @property
    def finding_count(self) -> int:
        return sum(self.findings.values())

    @property
    def is_quiet(self) -> bool:
        idle = not (self.sending or self.not_sending or self.unhealthy)
        return idle and not any(self.week.values()) and not self.finding_count


def organizations(*, today: date, findings: Sequence[Finding]) -> list[OrganizationRow]:
    """Return a row per active organization, busiest of the week first, the house last; `fill` adds the columns that only displayed rows
    need.
    """
    known = list(Organization.objects.filter(is_active=True).only("name", "slug", "is_house"))
    counted: dict[UUID | None, Counter[str]] = {}
    for finding in findings:
        counted.setdefault(finding.organization_id, Counter())[finding.severity] += 1
    sums = _sums_of_all([row.pk for row in known], today)
    nothing = dict.fromkeys(SHOWN, 0)
    found = [
        OrganizationRow(
            organization,
            today=sums.get((organization.pk, True), nothing),
            week=sums.get((organization.pk, False), nothing),
            findings=counted.get(organization.pk, Counter()),
        )
        for organization in known
    ]
    return sorted(found, key=lambda row: (row.organization.is_house, -row.week["sent"], row.organization.name))


def _sums_of_all(keys: list[UUID], today: date) -> dict[tuple[UUID, bool], dict[str, int]]:
    """Return the stats of today (True) and of seven days (False) by organization. Summed by PostgreSQL: 30 days of a thousand customers
    are 30,000 rows.
    """
    of_today = Q(day=today)
    columns = {name: column for name, column in COLUMNS.items() if name in SHOWN}
    rows: Any = DailyStats.objects.filter(organization__in=keys, day__gte=today - WEEK, day__lte=today).order_by()
    found: dict[tuple[UUID, bool], dict[str, int]] = {}
    for pk, *sums in rows.values_list("organization_id").annotate(
        **{f"week_{name}": Sum(column) for name, column in columns.items()},
        **{f"today_{name}": Sum(column, filter=of_today, default=0) for name, column in columns.items()},
    ):
        found[pk, False] = dict(zip(columns, sums[: len(columns)], strict=True))
        found[pk, True] = dict(zip(columns, sums[len(columns) :], strict=True))
    return found


def fill(rows: Sequence[OrganizationRow], *, today: date) -> None:
    """Add the line of 30 days, changes, goals, leads, campaigns and email accounts to the rows that are shown, in nine statements."""
    keys = [row.organization.pk for row in rows]
    month, monday = first_day(today), today - timedelta(days=today.weekday())
    start = min(today - timedelta(days=LINE - 1), month, monday - timedelta(days=7))
    own = DailyStats.objects.filter(organization__in=keys, day__gte=start, day__lte=today)
    by_day = stats.daily(own, list(FIGURES), by=["organization_id"])
    targets: dict[UUID, dict[str, int]] = {}
    goals = Goal.objects.filter(month=month, organization__in=keys)
    for pk, metric, target in goals.values_list("organization_id", "metric", "target"):
        targets.setdefault(pk, {})[metric] = target
    campaigns = _campaigns(keys)
    unhealthy = dict(
        EmailAccount.objects.unhealthy()
        .filter(organization__in=keys)
        .order_by()
        .values_list("organization_id")
        .annotate(count=Count("pk"))
    )
    leads_days = leads.days_by_organization(today=today)
    line = _days(today - timedelta(days=LINE - 1), today)
    for row in rows:
        pk = row.organization.pk
        days = by_day.get((pk,), {})
        row.changes = _changes(days, monday, today)
        row.line = [days[day][0] if day in days else 0 for day in line]
        row.goals = _goals(targets.get(pk, {}), days, month, today)
        row.leads_days = leads_days.get(pk)
        row.sending, row.not_sending = campaigns[pk, True], campaigns[pk, False]
        row.unhealthy = unhealthy.get(pk, 0)


def _sums(days: Days, start: date, end: date) -> dict[str, int]:
    own = [figures for day, figures in days.items() if start <= day <= end]
    return {
        name: sum(figures[place] for figures in own) for place, name in enumerate(FIGURES.values()) if name in SHOWN
    }


def _changes(days: Days, monday: date, today: date) -> dict[str, Change]:
    week = timedelta(days=7)
    now, before = _sums(days, monday, today), _sums(days, monday - week, today - week)
    return {name: Change(now[name], before[name]) for name in SHOWN}


def _goals(targets: Mapping[str, int], days: Days, month: date, today: date) -> list[GoalLine]:
    found = []
    for metric in METRICS:
        if metric in targets:
            place = list(FIGURES).index(metric)
            done = sum(figures[place] for day, figures in days.items() if day >= month)
            pace = forecast(done, month=month, today=today)
            found.append(GoalLine(Progress(metric, targets[metric], done, pace, last_day(month))))
    return found


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]


def _campaigns(keys: list[UUID]) -> Counter[tuple[UUID, bool]]:
    """Count active campaigns by organization and by whether they send."""
    active = Campaign.objects.filter(
        status=CampaignStatus.ACTIVE, missing_since__isnull=True, organization__in=keys
    ).order_by()
    counted: Counter[tuple[Any, bool]] = Counter()
    for organization, reason, count in active.values_list("organization_id", "not_sending").annotate(count=Count("pk")):
        counted[organization, not reason] += count
    return counted
