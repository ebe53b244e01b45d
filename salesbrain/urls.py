"""What answers where. The apps' routes are included by dotted name, so that no import runs upward."""

from django.contrib import admin
from django.urls import include, path, re_path

from salesbrain.api import outside

urlpatterns = [
    # What is asked for most stands first. instantly's own before the rest: it adds making to the address where campaigns are listed.
    path("api/instantly/", include("instantly.api.urls")),
    path("api/instantly/", include("accounts.api.urls")),
    path("api/instantly/", include("campaigns.api.urls")),
    path("api/instantly/", include("messaging.api.urls")),
    path("", include("salesbrain.health")),
    path("", include("salesbrain.metrics")),
    path("webhooks/instantly/", include("instantly.webhooks.urls")),
    path("api/", include("salesbrain.api.urls")),
    path("api/auth/", include("accounts.api.auth_urls")),
    re_path(r"^api(?:/.*)?$", outside.unknown),
    path("admin/", admin.site.urls),
]

handler400 = outside.bad_request
handler403 = outside.forbidden
handler404 = outside.not_found
handler500 = outside.server_error
