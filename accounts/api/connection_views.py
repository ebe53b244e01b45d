"""API endpoint that lists connections to providers for staff, without keys and secrets."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import Case, Q, QuerySet, Value, When
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import OrganizationBrief
from accounts.choices import ConnectionStatus
from accounts.models import ProviderConnection
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Boolean, Choices, Text, as_key
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView
from salesbrain.kernel.messages import shown


class ConnectionList(PageParameters):
    organization = Text(help_text="An organization by its id or its short name, such as `acme`.")
    status = Choices(
        choices=ConnectionStatus.values, lookup="status__in", help_text="One or several, separated by commas."
    )
    is_active = Boolean(lookup="is_active", help_text="Is it switched on?")
    query = Text(help_text="Part of the name or of the workspace's name.")
    ordering = ordering("name", "created_at", "updated_at")

    def filter_organization(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        key = as_key(value)
        return queryset.filter(organization__slug=value) if key is None else queryset.filter(organization_id=key)

    def filter_query(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(Q(name__icontains=value) | Q(workspace_name__icontains=value))


class ConnectionSerializer(serializers.ModelSerializer):
    """A workspace at a provider that the agency holds a key for."""

    organization = OrganizationBrief(allow_null=True, help_text="null: shared, each campaign says whose it is.")
    is_shared = serializers.SerializerMethodField(help_text="Does each campaign say whose it is?")
    status = serializers.CharField()
    provider = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    class Meta:
        model = ProviderConnection
        fields: Sequence[str] = (
            "id", "name", "provider", "organization", "is_shared", "workspace_id", "workspace_name", "is_active", "status",
            "status_detail", "last_synced_at", "created_at", "updated_at",
        )  # fmt: skip

    expressions = {"is_shared": Case(When(organization__isnull=True, then=Value(True)), default=Value(False))}

    def get_is_shared(self, connection: ProviderConnection) -> bool:
        return connection.is_shared


class StaffConnectionViewSet(ApiView):
    staff_only = True
    personal = False
    parameters = {"list": ConnectionList}
    shapes = {"list": Listed("connections", ConnectionSerializer)}

    def list(self, request: Request) -> Response:
        """List the connections to workspaces.

        Their ids are what `POST sync/workspace` and `?connection=` take. No key and no webhook secret is told.
        """
        response = self.listed(self.own(ProviderConnection))
        rows = response.data.data["connections"]
        rows[:] = [_in_the_readers_language(row) for row in rows]
        return response


def _in_the_readers_language(row: orjson.Fragment) -> dict[str, Any]:
    """Translate the stored sentence (key and parameters) of a row that PostgreSQL built."""
    connection: dict[str, Any] = orjson.loads(orjson.dumps(row))
    connection["status_detail"] = shown(connection["status_detail"])
    return connection
