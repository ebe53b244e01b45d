"""Root URL routes; those of the apps are included by dotted name, to keep the import order."""

from django.contrib import admin
from django.urls import include, path, re_path

from salesbrain.api import error_handlers

urlpatterns = [
    # What is asked for most stands first. instantly's own before the rest: it adds making to the address where campaigns are listed.
    path("api/instantly/", include("instantly.api.urls")),
    path("api/instantly/", include("accounts.api.urls")),
    path("api/instantly/", include("campaigns.api.urls")),
    path("api/instantly/", include("messaging.api.urls")),
    path("", include("salesbrain.site.health")),
    path("", include("salesbrain.site.metrics")),
    path("webhooks/instantly/", include("instantly.webhooks.urls")),
    path("api/", include("salesbrain.api.urls")),
    path("api/auth/", include("accounts.api.auth_urls")),
    re_path(r"^api(?:/.*)?$", error_handlers.unknown_address),
    path("admin/", admin.site.urls),
    path("", include("salesbrain.web.documents.urls")),
    path("", include("messaging.web.urls")),
    path("", include("accounts.web.urls")),
]

handler400 = error_handlers.bad_request
handler403 = error_handlers.forbidden
handler404 = error_handlers.not_found
handler500 = error_handlers.server_error
