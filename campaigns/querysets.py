"""Queryset methods of campaigns."""

from typing import Any

from django.db import models

from accounts.models import Organization
from campaigns.choices import CampaignStatus


class CampaignQuerySet(models.QuerySet[Any]):
    def of(self, organization: Organization) -> "CampaignQuerySet":
        return self.filter(organization=organization)

    def unassigned(self) -> "CampaignQuerySet":
        """Of a shared workspace and nobody's yet: the house has them."""
        return self.filter(organization__is_house=True, connection__organization__isnull=True)

    def sending(self) -> "CampaignQuerySet":
        return self.filter(status=CampaignStatus.ACTIVE, missing_since__isnull=True)
