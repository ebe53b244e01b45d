"""Periods (last 7, 30 or 90 days) that a page can be filtered by with `?days=`."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAYS = (7, 30, 90)
DEFAULT = 30
LABELS: dict[int, str | Promise] = {7: _("7 days"), 30: _("30 days"), 90: _("90 days")}


@dataclass(frozen=True, slots=True)
class Days:
    """Period of the last `count` UTC days, today included."""

    count: int
    start: date
    end: date

    @property
    def choices(self) -> list[tuple[int, str | Promise]]:
        return list(LABELS.items())


def read_days(query: QueryDict, *, today: date) -> Days:
    """Return the period named by `?days=`; the last 30 days for anything else."""
    wanted = query.get("days", "")
    count = int(wanted) if wanted in map(str, DAYS) else DEFAULT
    return Days(count, today - timedelta(days=count - 1), today)
