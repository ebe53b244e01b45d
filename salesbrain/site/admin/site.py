"""Admin site class: who may enter, and a first page with the dashboard instead of a table list."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.models import User
from accounts.web.login import LogoutView
from salesbrain.isolation.report import as_html, latest
from salesbrain.isolation.report import context as report_context
from salesbrain.site.admin.menu import by_task
from salesbrain.site.admin.names import translate_names


class SalesbrainSite(AdminSite):
    site_header = "Salesbrain"
    site_title = "Salesbrain"
    index_title = _("Today")
    index_template = "admin/dashboard.html"
    site_url = None
    empty_value_display = "–"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        translate_names()

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the dashboard: findings, customers, connections and the latest staff actions."""
        from salesbrain.site.admin import dashboard  # it needs pages, which register with this site

        figures = dashboard.load_dashboard(request, now=timezone.now())
        return super().index(request, {**(extra_context or {}), "start": figures})

    # --- the way in ---------------------------------------------------------------------------------------------

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is active staff and, where required, has passed the second factor."""
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and second_factor.is_satisfied(user)

    def get_urls(self) -> list[Any]:
        from instantly.admin import (  # pages register with this site, so they come after it
            assignment_pages,
            promotion_pages,
        )
        from salesbrain.site.admin import conflicts, trust

        return [
            *assignment_pages.urls(self),
            *promotion_pages.urls(self),
            *trust.urls(self),
            *conflicts.urls(self),
            path("isolation/", self.admin_view(self.isolation), name="isolation"),
            path("jobs/", self.admin_view(self.jobs), name="jobs"),
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Redirect to the common login page, and back afterwards."""
        query = QueryDict(mutable=True)
        query[REDIRECT_FIELD_NAME] = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect(f"{reverse('login')}?{query.urlencode(safe='/')}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Redirect to the common logout, which only accepts our own form."""
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("password")

    # --- the pages ----------------------------------------------------------------------------------------------

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the user's role in one word; the labels of the choices have an explanation after a colon."""
        role = request.user.get_role_display() if isinstance(request.user, User) else ""
        return {**super().each_context(request), "role": role.partition(":")[0]}

    def isolation(self, request: HttpRequest) -> HttpResponse:
        """Show the results of the last isolation proof; `?file` downloads the report for a customer's data protection officer."""
        proof = latest()
        if proof and "file" in request.GET:
            headers = {"Content-Disposition": f'attachment; filename="isolation-{proof["at"][:10]}.html"'}
            return HttpResponse(as_html(proof), headers=headers)
        context = {
            **self.each_context(request),
            "title": _("Isolation"),
            "proof": proof,
            **(report_context(proof) if proof else {}),
        }
        return TemplateResponse(request, "admin/isolation.html", context)

    def jobs(self, request: HttpRequest) -> HttpResponse:
        """Show the queue with progress, retry and cancel, and every scheduled job: schedule, latest and next run, latest error."""
        from salesbrain.site.admin import jobs_page

        if request.method == "POST":
            jobs_page.manage(request)
            return redirect("admin:jobs")
        now = timezone.now()
        context = {
            **self.each_context(request),
            "title": _("Jobs and schedule"),
            **jobs_page.queue_context(request, now=now),
            **jobs_page.context(now=now),
        }
        return TemplateResponse(request, "admin/jobs.html", context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the menu by task; the page of one app keeps Django's list."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else by_task(apps)
