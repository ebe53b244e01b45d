"""Goals of an organization for a month: set targets, and forecast the result by working days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from messaging import stats
from messaging.models import Goal
from salesbrain import rls
from salesbrain.kernel.fast_reads import Source

METRICS = ("meetings", "positive_replies", "replies", "sent")
"""Stats that a goal can be set for; none of them needs tracking."""
LARGEST = 1_000_000
SATURDAY = 5


class InvalidGoal(Refusal):
    sentence = _("A goal is a whole number from 1 to 1,000,000, for a known figure and a month.")


@dataclass(frozen=True, slots=True)
class Progress:
    """State of one goal. `forecast`: expected result of the month at the pace so far; None before its first working day."""

    metric: str
    target: int
    done: int
    forecast: int | None
    last_day: date

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.target)

    @property
    def is_reached(self) -> bool:
        return self.done >= self.target

    @property
    def is_on_course(self) -> bool:
        return self.is_reached or (self.forecast is not None and self.forecast >= self.target)


def forecast(done: int, *, month: date, today: date) -> int | None:
    """Return the expected result of a month if each of its working days (Mon–Fri, holidays included) brings as much as those up to today.
    Today counts as a whole day. After the month it is the actual result; before its first working day None.
    """
    last = last_day(month)
    if today > last:
        return done
    passed = working_days(month, today)
    return (2 * done * working_days(month, last) + passed) // (2 * passed) if passed else None


def working_days(first: date, last: date) -> int:
    """Return the number of days from Monday to Friday, both ends included; 0 for an empty span."""
    days = max(0, (last - first).days + 1)
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum(1 for n in range(rest) if (first.weekday() + n) % 7 < SATURDAY)


def first_day(day: date) -> date:
    return day.replace(day=1)


def last_day(month: date) -> date:
    return first_day(month.replace(day=28) + timedelta(days=4)) - timedelta(days=1)


def next_month(month: date) -> date:
    return last_day(month) + timedelta(days=1)


def targets_of(goals: "QuerySet[Goal]", month: date) -> dict[str, int]:
    return dict(goals.filter(month=month).values_list("metric", "target"))


def progress(goals: "QuerySet[Goal]", rows: Source, *, month: date, today: date) -> Sequence[Progress]:
    """Return the state of a month's goals, in two statements (one if there are none). `goals` and `rows` are of one organization."""
    targets = targets_of(goals, month)
    if not targets:
        return []
    end = last_day(month)
    done = stats.total(stats.Period(month, end).filter(rows))
    return [
        Progress(metric, targets[metric], done[metric], forecast(done[metric], month=month, today=today), end)
        for metric in METRICS
        if metric in targets
    ]


@customer_service(Permission.MANAGE_GOALS)
def set_goals(
    scope: rls.Scope, *, by: User, month: date, targets: Mapping[str, int | None], now: datetime
) -> dict[str, int]:
    """Set a month's targets; None removes one, omitted ones stay. Return all targets. Raises InvalidGoal."""
    for metric, target in targets.items():
        if metric not in METRICS or month.day != 1 or not (target is None or 1 <= target <= LARGEST):
            raise InvalidGoal
    with rls.scope(scope):
        own = Goal.objects.filter(organization=scope.organization, month=month)
        for metric, target in sorted(targets.items()):
            if target is None:
                own.filter(metric=metric).delete()
            else:
                Goal.objects.update_or_create(
                    organization_id=scope.organization,
                    month=month,
                    metric=metric,
                    defaults={"target": target, "updated_at": now},
                )
        return dict(own.values_list("metric", "target"))
