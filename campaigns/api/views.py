"""API endpoints of campaigns: list and detail. Their stats are in messaging/api/stats_views.py."""

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.parameters import CampaignList, StaffCampaignList
from campaigns.api.serializers import CampaignDetailSerializer, CampaignSerializer, StaffCampaignSerializer
from campaigns.models import Campaign
from salesbrain.api.parameters import Parameters
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView


class CampaignViewSet(ApiView):
    fast = ("list", "retrieve")
    parameters = {"list": CampaignList, "retrieve": Parameters}
    shapes = {"list": Listed("campaigns", CampaignSerializer), "retrieve": CampaignDetailSerializer}

    def list(self, request: Request) -> Response:
        """List the organization's campaigns."""
        return self.listed(self.own(Campaign))

    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """Return one campaign, with its schedule and steps."""
        return Response(self.one_as_json(Campaign, campaign_id, CampaignDetailSerializer))


class StaffCampaignViewSet(CampaignViewSet):
    staff_only = True
    parameters = {"list": StaffCampaignList}
    shapes = {"list": Listed("campaigns", StaffCampaignSerializer)}

    def list(self, request: Request) -> Response:
        """List the campaigns of all organizations."""
        return super().list(request)
