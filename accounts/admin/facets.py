"""Counts beside the admin's filters: foreign keys counted in one grouped statement.

Django counts each choice in a column of its own and compares each row with every choice; PostgreSQL allows at most 1,664 columns.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin import FieldListFilter, RelatedFieldListFilter
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import ProviderConnection


def counted(queryset: QuerySet[Any], column: str) -> dict[Any, int]:
    """Return the number of rows by the value of a column, in one statement."""
    return dict(queryset.order_by().values_list(column).annotate(facet_count=Count("pk")))


class RelatedFilter(RelatedFieldListFilter):
    """Filter by a foreign key whose choices are counted in one statement; replaces Django's RelatedFieldListFilter."""

    def get_facet_queryset(self, changelist: Any) -> dict[str, int]:
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        found = counted(rows, self.field.attname)
        return {"__c": found.get(None, 0), **{f"{pk}__c": found.get(pk, 0) for pk, _name in self.lookup_choices}}


class RelatedOnlyFilter(RelatedFilter, admin.RelatedOnlyFieldListFilter):
    """Filter by a foreign key that offers only the choices that occur in the rows, counted in one statement."""


class ConnectionFilter(admin.SimpleListFilter):
    """Filter by connection, also where it is no foreign key. Loads names only: Django's filter would load API keys."""

    title = _("connection")
    parameter_name = "connection"
    column = "connection_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in ProviderConnection.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        chosen = {pk for pk, _name in self.lookup_choices}
        return queryset.filter(**{self.column: self.value()}) if self.value() in chosen else None

    def get_facet_queryset(self, changelist: Any) -> dict[str, int]:
        rows = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        found = {str(pk): count for pk, count in counted(rows, self.column).items()}
        return {f"{place}__c": found.get(pk, 0) for place, (pk, _name) in enumerate(self.lookup_choices)}


FieldListFilter.register(lambda field: bool(field.remote_field), RelatedFilter, take_priority=True)
