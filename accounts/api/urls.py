"""URL routes of accounts below /api/instantly/: own data, team, connections, email accounts."""

from django.urls import path

from accounts.api.access_views import AccessLogViewSet
from accounts.api.connection_views import StaffConnectionViewSet
from accounts.api.team_views import InvitationViewSet, TeamViewSet
from accounts.api.views import EmailAccountViewSet, MeViewSet, StaffEmailAccountViewSet

urlpatterns = [
    path("admin/connections", StaffConnectionViewSet.as_view({"get": "list"}, basename="staff_connections")),
    path("me", MeViewSet.as_view({"get": "retrieve"}, basename="me")),
    path("team", TeamViewSet.as_view({"get": "list"}, basename="team")),
    path(
        "team/invitations",
        InvitationViewSet.as_view({"get": "list", "post": "create"}, basename="team_invitations"),
    ),
    path(
        "team/invitations/<str:invitation_id>",
        InvitationViewSet.as_view({"delete": "destroy"}, basename="team_invitation"),
    ),
    path(
        "team/invitations/<str:invitation_id>/resend",
        InvitationViewSet.as_view({"post": "resend"}, basename="team_invitation"),
    ),
    path("team/<str:member_id>", TeamViewSet.as_view({"patch": "update", "delete": "destroy"}, basename="team_member")),
    path("access-log", AccessLogViewSet.as_view({"get": "list"}, basename="access_log")),
    path("email-accounts", EmailAccountViewSet.as_view({"get": "list"}, basename="email_accounts")),
    path("admin/email-accounts", StaffEmailAccountViewSet.as_view({"get": "list"}, basename="staff_email_accounts")),
]
