"""Query parameters of the API's email account lists, and filters by organization for other apps."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.api.serializers import HEALTHY
from accounts.choices import EmailAccountStatus, WarmupStatus
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Choice, Choices, Key, Moment, Parameters, Text, as_key


class HealthParameter(Choice):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=["healthy", "unhealthy"], **kwargs)


class EmailAccountList(PageParameters):
    status = Choices(
        choices=EmailAccountStatus.values, lookup="status__in", help_text="One or several, separated by commas."
    )
    warmup_status = Choices(
        choices=WarmupStatus.values, lookup="warmup_status__in", help_text="One or several, separated by commas."
    )
    health = HealthParameter(help_text="healthy: active, and still there at the provider.")
    query = Text(help_text="Part of the address or the name.")
    updated_since = Moment(lookup="updated_at__gte", help_text="Only what changed since then.")
    ordering = ordering("address", "created_at", "updated_at", "status")

    def filter_health(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(HEALTHY if value == "healthy" else ~HEALTHY)

    def filter_query(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(address__icontains=value) | Q(first_name__icontains=value) | Q(last_name__icontains=value)
        )


class InOneOrganization(Parameters):
    """Parameters of endpoints that act inside one organization; mixed in before the parameters of a list."""

    organization_id = Key(help_text="Whose. Needed by users of several organizations, and by staff.")


class OfStaff(PageParameters):
    """Filters that only staff may use (organization, connection); mixed in before the customers' parameters."""

    organization = Text(help_text="An organization by its id or its short name, such as `acme`.")
    connection = Text(help_text="A connection by its id or its name.")

    def filter_organization(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        key = as_key(value)
        return queryset.filter(organization__slug=value) if key is None else queryset.filter(organization_id=key)

    def filter_connection(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        key = as_key(value)
        return queryset.filter(connection__name=value) if key is None else queryset.filter(connection_id=key)


class StaffEmailAccountList(EmailAccountList, OfStaff):
    pass
