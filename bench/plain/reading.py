"""Reads of the plain Django baseline: ModelSerializer and LimitOffsetPagination.

With the product's fields, tokens and scope.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.generics import ListAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from campaigns.api.serializers import CampaignSerializer
from campaigns.models import Campaign
from messaging.api.serializers import MessageSerializer
from messaging.models import Message
from salesbrain import rls


class Scoped(ListAPIView):
    renderer_classes = [JSONRenderer]
    pagination_class = LimitOffsetPagination
    scope: rls.Scope

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, Response) else response

    def perform_authentication(self, request: Request) -> None:
        assert isinstance(request.user, User)
        self.scope = request.user.scope_for()
        rls.enter(self.scope)


class Campaigns(Scoped):
    serializer_class = CampaignSerializer

    def get_queryset(self) -> Any:
        assert self.scope.organization_id, "tokens of customers only"
        return Campaign.objects.filter(organization_id=self.scope.organization_id).order_by("name", "id")


class Messages(Scoped):
    serializer_class = MessageSerializer

    def get_queryset(self) -> Any:
        mine = Message.objects.filter(
            organization_id=self.scope.organization_id, campaign_id=self.kwargs["campaign_id"]
        )
        return mine.select_related("contact").order_by("-happened_at", "-id")
