"""List of campaigns, a page at a time, with stats of a period and sends by day for a small chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import ExpressionWrapper, F, FloatField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, Least, NullIf, Sqrt

from campaigns.models import Campaign
from messaging import stats
from messaging.comparison import Z
from messaging.models import DailyStats

RATES = {"reply_rate": "unique_replies", "positive_rate": "interested"}
SUMS = {
    "sent": "sent",
    "replied": "unique_replies",
    "positive": "interested",
    "meetings": "meetings",
    "bounced": "bounces",
}
BEST = "best"
ORDERS = ("name", "status", *SUMS, *RATES, BEST)
"""Orders of campaigns, "-" before one for descending; equal ones, and those without a rate, by name. "best": by the lower end of the
positive rate's interval, so that a campaign of few emails does not lead by luck."""

WITHOUT = ("raw", "sequences", "schedule")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign with its stats (`figures`, see messaging.stats); `line`: emails sent per day of the period, oldest first."""

    campaign: Campaign
    figures: Mapping[str, Any]
    line: Sequence[int]

    @property
    def tracking(self) -> dict[str, bool]:
        return stats.tracking_of(self.campaign.open_tracking, self.campaign.link_tracking)


def campaign_rows(
    campaigns: "QuerySet[Campaign]", *, start: date, end: date, order: str = "name", offset: int = 0, limit: int = 50
) -> list[CampaignRow]:
    """Return a page of campaigns, in three statements. `start` to `end` are UTC days, both included."""
    page = list(_ordered(campaigns, order, stats.Period(start, end)).defer(*WITHOUT)[offset : offset + limit])
    if not page:
        return []
    rows = stats.Period(start, end).filter(
        DailyStats.objects.filter(
            organization__in={campaign.organization_id for campaign in page},
            campaign__in=[campaign.pk for campaign in page],
        )
    )
    assert isinstance(rows, QuerySet)
    figures = {row["campaign_id"]: row for row in stats.grouped(rows, "campaign")}
    lines = stats.daily(rows, ["sent"], by=["campaign_id"])
    return [_row(campaign, figures.get(campaign.pk), lines.get((campaign.pk,), {}), start, end) for campaign in page]


def _row(
    campaign: Campaign, figures: Mapping[str, Any] | None, line: Mapping[date, tuple[int, ...]], start: date, end: date
) -> CampaignRow:
    tracking = stats.tracking_of(campaign.open_tracking, campaign.link_tracking)
    return CampaignRow(
        campaign, figures or stats.nothing(tracking=tracking), [line.get(day, (0,))[0] for day in days(start, end)]
    )


def days(start: date, end: date) -> list[date]:
    """Return the days from `start` to `end`, both included."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _ordered(campaigns: "QuerySet[Campaign]", order: str, period: stats.Period) -> "QuerySet[Campaign]":
    name, is_descending = order.lstrip("-"), order.startswith("-")
    if name in SUMS or name in RATES or name == BEST:
        campaigns = campaigns.annotate(_order=_sum(name, period))
        by = F("_order").desc(nulls_last=True) if is_descending else F("_order").asc(nulls_last=True)
        return campaigns.order_by(by, "name", "pk")
    return campaigns.order_by(order, "name", "pk") if name != "name" else campaigns.order_by(order, "pk")


def _sum(name: str, period: stats.Period) -> Subquery:
    rows = period.filter(DailyStats.objects.filter(organization=OuterRef("organization"), campaign=OuterRef("pk")))
    assert isinstance(rows, QuerySet)
    grouped = rows.order_by().values("campaign")
    if name in SUMS:
        return Subquery(grouped.annotate(n=Sum(SUMS[name])).values("n"))
    if name == BEST:
        return Subquery(grouped.annotate(n=_lower_end(Sum(SUMS["positive"]), Sum("sent"))).values("n"))
    rate = Cast(Sum(RATES[name]), FloatField()) / NullIf(Sum("sent"), 0)
    return Subquery(grouped.annotate(n=rate).values("n"))


def _lower_end(hits: Sum, sent: Sum) -> Any:
    """Return an SQL expression for the lower end of the 95 % interval of a rate, equal to messaging.comparison.wilson."""
    n = NullIf(Cast(sent, FloatField()), 0.0)
    rate = Least(Cast(hits, FloatField()) / n, 1.0, output_field=FloatField())
    spread = Sqrt(rate * (1.0 - rate) / n + Z * Z / 4 / n / n)
    return ExpressionWrapper((rate + Z * Z / 2 / n - Z * spread) / (1.0 + Z * Z / n), output_field=FloatField())


def figures_of(campaign_id: UUID, organization_id: UUID) -> "QuerySet[DailyStats]":
    """Return the daily stats rows of one campaign."""
    return DailyStats.objects.filter(organization_id=organization_id, campaign_id=campaign_id)
