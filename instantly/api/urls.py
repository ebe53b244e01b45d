"""URL routes below /api/instantly/ that call Instantly: sync, writes to campaigns, leads, accounts."""

from django.urls import path

from instantly.api.action_views import ApplyRulesViewSet, StaffActionViewSet
from instantly.api.campaign_views import StaffCampaignsViewSet, StaffCampaignWriteViewSet
from instantly.api.lead_views import EmailAccountWriteViewSet, LeadViewSet
from instantly.api.promotion_views import PromotionViewSet
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
    path(
        "admin/assignment-rules/apply", ApplyRulesViewSet.as_view({"post": "apply"}, basename="staff_assignment_rules")
    ),
    path("admin/actions/<str:action_id>", StaffActionViewSet.as_view({"get": "retrieve"}, basename="staff_action")),
    path("admin/actions/<str:action_id>/undo", StaffActionViewSet.as_view({"post": "undo"}, basename="staff_action")),
    path(
        "admin/promotions",
        PromotionViewSet.as_view({"get": "list", "post": "create"}, basename="staff_promotions"),
    ),
    path("admin/promotions/check", PromotionViewSet.as_view({"post": "check"}, basename="staff_promotions")),
    path(
        "admin/promotions/<str:promotion_id>", PromotionViewSet.as_view({"get": "retrieve"}, basename="staff_promotion")
    ),
    *(
        path(
            f"admin/promotions/<str:promotion_id>/{name}",
            PromotionViewSet.as_view({"post": action}, basename="staff_promotion"),
        )
        for name, action in (("continue", "go_on"), ("undo", "undo"), ("confirm", "confirm"))
    ),
]
