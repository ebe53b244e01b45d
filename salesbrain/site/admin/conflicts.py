"""Admin page of conflicts between customers: people and companies that several of them write to."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from messaging.conflicts import LISTED, find_conflicts


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the route of this page below the admin."""

    def page(request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("messaging.view_contact"):
            raise PermissionDenied
        context = {
            **site.each_context(request),
            "title": _("Conflict radar"),
            "conflicts": find_conflicts(),
            "listed": LISTED,
        }
        return TemplateResponse(request, "admin/conflicts.html", context)

    return [path("conflicts/", site.admin_view(page), name="conflicts")]
