"""Routes of this app below /api/instantly/."""

from django.urls import path

from instantly.api.views import SyncViewSet

urlpatterns = [path("sync/workspace", SyncViewSet.as_view({"post": "create"}, basename="sync_workspace"))]
