"""Routes of this app below /api/instantly/."""

from django.urls import path

from accounts.api.connection_views import StaffConnectionViewSet
from accounts.api.views import EmailAccountViewSet, MeViewSet, StaffEmailAccountViewSet

urlpatterns = [
    path("admin/connections", StaffConnectionViewSet.as_view({"get": "list"}, basename="staff_connections")),
    path("me", MeViewSet.as_view({"get": "retrieve"}, basename="me")),
    path("email-accounts", EmailAccountViewSet.as_view({"get": "list"}, basename="email_accounts")),
    path("admin/email-accounts", StaffEmailAccountViewSet.as_view({"get": "list"}, basename="staff_email_accounts")),
]
