"""URL routes below /api/auth/: creating, listing and revoking API tokens."""

from django.urls import path

from accounts.api.token_views import TokenViewSet

urlpatterns = [
    path(
        "tokens",
        TokenViewSet.as_view({"get": "list", "post": "create", "delete": "destroy_current"}, basename="tokens"),
    ),
    path("tokens/<str:token_id>", TokenViewSet.as_view({"delete": "destroy"}, basename="token")),
]
