"""Days for which the leads of customers last, at the pace of the last week."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from accounts.models import Organization
from campaigns.models import Campaign
from messaging.choices import MeasurementKind
from messaging.findings.rules import LEADS_LEFT
from messaging.models import DailyStats, Measurement

WEEK = 7
MEASURED = timedelta(days=2)
"""Age beyond which a count of leads is ignored."""


def days_by_organization(*, today: date) -> dict[UUID, float]:
    """Return the days until the first active campaign of each organization runs out, in four statements.

    Organizations without a measurement, or whose campaigns start too few leads for a pace (the rule's floor), are left out.
    """
    left: dict[UUID, float] = dict(
        Measurement.objects.filter(kind=MeasurementKind.LEADS_LEFT, day__gt=today - MEASURED, day__lte=today)
        .order_by("day")
        .values_list("target_id", "value")
    )
    active: dict[UUID, UUID] = dict(Campaign.objects.sending().values_list("pk", "organization_id"))
    rows: Any = DailyStats.objects.filter(
        organization__in=list(Organization.objects.values_list("pk", flat=True)),
        day__gt=today - timedelta(days=WEEK),
        day__lte=today,
        step=1,
    )
    started = dict(rows.order_by().values_list("campaign_id").annotate(sum=Sum("sent")))
    found: dict[UUID, float] = {}
    for campaign, organization in active.items():
        pace = started.get(campaign, 0)
        if campaign in left and pace >= LEADS_LEFT.floor:
            days = left[campaign] * WEEK / pace
            found[organization] = min(days, found.get(organization, days))
    return found
