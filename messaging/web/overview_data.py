"""Figures of the overview, from the rollups alone, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from messaging.models import DailyStats, Event
from salesbrain.web.charts import Chart, Series

DAYS = 30
WEEK = 7
SHOWN: tuple[tuple[str, str | Promise], ...] = (
    ("sent", _("Emails sent")),
    ("replies", _("Replies")),
    ("interested", _("Positive replies")),
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the last seven days, with the thirty days behind it."""

    label: str | Promise
    value: int
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows. `position`: where the event feed stands; 0 where nothing has happened yet."""

    tiles: list[Tile]
    chart: Chart
    campaigns: int
    sending: int
    last_event_at: datetime | None
    position: int

    @property
    def is_empty(self) -> bool:
        return not self.campaigns and self.last_event_at is None


def load_overview(*, today: date) -> Overview:
    """Return the figures of whatever the scope shows: one organization, or for staff all of them."""
    days = [today - timedelta(days=DAYS - 1 - back) for back in range(DAYS)]
    rows = DailyStats.objects.filter(day__gte=days[0], day__lte=today).order_by().values("day")
    by_day = {row["day"]: row for row in rows.annotate(**{name: Sum(name) for name, _ in SHOWN})}
    values = {name: [by_day.get(day, {}).get(name, 0) for day in days] for name, _ in SHOWN}
    present = Campaign.objects.filter(missing_since__isnull=True)
    position = Event.objects.aggregate(position=Max("position"))["position"] or 0
    last = Event.objects.filter(position=position).values_list("recorded_at", flat=True).first() if position else None
    return Overview(
        tiles=[Tile(label, sum(values[name][-WEEK:]), values[name]) for name, label in SHOWN],
        chart=Chart(
            _("Emails sent and replies by day"), days, [Series(label, values[name]) for name, label in SHOWN[:2]]
        ),
        campaigns=present.count(),
        sending=Campaign.objects.sending().count(),
        last_event_at=last,
        position=position,
    )
