"""URL routes of campaigns below /api/instantly/: list and detail."""

from django.urls import path

from campaigns.api.views import CampaignViewSet

urlpatterns = [
    path("campaigns", CampaignViewSet.as_view({"get": "list"}, basename="campaigns")),
    path("campaign/<str:campaign_id>", CampaignViewSet.as_view({"get": "retrieve"}, basename="campaign")),
]
