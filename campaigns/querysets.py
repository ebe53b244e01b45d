"""Queryset of campaigns: filters by organization, assignment, sending state and health."""

from typing import Any

from django.db import models

from accounts.models import Organization
from campaigns.choices import CampaignStatus, NotSending

TROUBLED = (CampaignStatus.ACCOUNT_SUSPENDED, CampaignStatus.ACCOUNTS_UNHEALTHY, CampaignStatus.BOUNCE_PROTECT)
HEALTHY = (
    ~models.Q(status__in=TROUBLED) & ~models.Q(not_sending=NotSending.ERROR) & models.Q(missing_since__isnull=True)
)
"""Condition: the campaign has no problem and still exists at the provider."""


class CampaignQuerySet(models.QuerySet[Any]):
    def of(self, organization: Organization) -> "CampaignQuerySet":
        return self.filter(organization=organization)

    def unassigned(self) -> "CampaignQuerySet":
        """Narrow to campaigns of a shared workspace that are not assigned to a customer yet."""
        return self.filter(organization__is_house=True, connection__organization__isnull=True)

    def sending(self) -> "CampaignQuerySet":
        return self.filter(status=CampaignStatus.ACTIVE, missing_since__isnull=True)

    def healthy(self) -> "CampaignQuerySet":
        return self.filter(HEALTHY)

    def unhealthy(self) -> "CampaignQuerySet":
        return self.filter(~HEALTHY)

    def sending_from(self, address: str) -> "CampaignQuerySet":
        """Narrow to campaigns that send from this mailbox."""
        return self.filter(senders__contains=[address])
