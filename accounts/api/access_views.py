"""API endpoint of the access log (who read or answered which conversation), for owners."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.parameters import InOneOrganization
from accounts.api.team_serializers import AccessEntrySerializer
from accounts.choices import AccessAction, AccessParty
from accounts.models import AccessEntry
from accounts.permissions import Permission, require
from salesbrain.api.pagination import PageParameters, ordering
from salesbrain.api.parameters import Choice, Moment, Text, as_key
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView


class AccessList(InOneOrganization, PageParameters):
    party = Choice(choices=AccessParty.values, lookup="party", help_text="agency: its staff. team: your own people.")
    action = Choice(choices=AccessAction.values, lookup="action")
    conversation = Text(help_text="A conversation by its id.")
    since = Moment(lookup="at__gte", help_text="Only what happened since then.")
    ordering = ordering("-at")

    def filter_conversation(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        key = as_key(value)
        return queryset.none() if key is None else queryset.filter(conversation_id=key)


class AccessLogViewSet(ApiView):
    tag = "Team"
    in_organization = True
    parameters = {"list": AccessList}
    shapes = {"list": Listed("entries", AccessEntrySerializer)}

    def list(self, request: Request) -> Response:
        """List who read or answered which conversation, and when.

        For owners. People of the agency and of your own team; the same person doing the same within ten minutes is one entry. Nobody
        can change or delete an entry.
        """
        assert self.scope is not None
        require(self.scope, Permission.READ_ACCESS_LOG)
        return self.listed(self.mine(AccessEntry.objects.all()))
