"""Query parameters of the API's campaign lists: filters, search and order."""

from typing import Any

from django.db.models import QuerySet

from accounts.api.parameters import HealthParameter, OfStaff
from campaigns.choices import CampaignStatus
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Address, Choices, Moment, Text


class CampaignList(PageParameters):
    status = Choices(
        choices=CampaignStatus.values, lookup="status__in", help_text="One or several, separated by commas."
    )
    health = HealthParameter(help_text="unhealthy: stopped by a problem, or gone at the provider.")
    email_account = Address(help_text="Campaigns that send from this address.")
    query = Text(lookup="name__icontains", help_text="Part of the name.")
    created_since = Moment(lookup="provider_created_at__gte", help_text="Created at the provider at or after.")
    created_until = Moment(lookup="provider_created_at__lt", help_text="Created at the provider before.")
    updated_since = Moment(lookup="updated_at__gte", help_text="Only what changed since then.")
    ordering = ordering("name", "created_at", "updated_at", "status")

    def filter_health(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.healthy() if value == "healthy" else queryset.unhealthy()

    def filter_email_account(self, queryset: Any, value: str) -> QuerySet[Any]:
        return queryset.sending_from(value)


class StaffCampaignList(CampaignList, OfStaff):
    pass
