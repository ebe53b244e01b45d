"""URL routes below /api/instantly/ that call Instantly: sync, writes to campaigns, leads, accounts."""

from django.urls import path

from instantly.api.campaign_views import StaffCampaignsViewSet, StaffCampaignWriteViewSet
from instantly.api.lead_views import EmailAccountWriteViewSet, LeadViewSet
from instantly.api.sync_views import SyncViewSet

CAMPAIGN = "admin/campaign/<str:campaign_id>"
ACCOUNT = "admin/email-account/<str:account_id>"

urlpatterns = [
    path("sync/workspace", SyncViewSet.as_view({"post": "create"}, basename="sync_workspace")),
    path(
        "admin/campaigns",
        StaffCampaignsViewSet.as_view({"get": "list", "post": "create"}, basename="staff_campaigns"),
    ),
    path(
        CAMPAIGN,
        StaffCampaignWriteViewSet.as_view({"patch": "partial_update", "delete": "destroy"}, basename="staff_campaign"),
    ),
    *(
        path(f"{CAMPAIGN}/{verb}", StaffCampaignWriteViewSet.as_view({"post": verb}, basename="staff_campaign"))
        for verb in ("activate", "pause", "duplicate")
    ),
    path(f"{CAMPAIGN}/leads", LeadViewSet.as_view({"post": "create"}, basename="staff_leads")),
    path("admin/lead/<str:lead_id>", LeadViewSet.as_view({"delete": "destroy"}, basename="staff_leads")),
    *(
        path(f"{ACCOUNT}/{verb}", EmailAccountWriteViewSet.as_view({"post": verb}, basename="staff_email_account"))
        for verb in ("pause", "resume")
    ),
]
