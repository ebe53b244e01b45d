"""The site: who may come in, and a first page that says what matters instead of listing tables."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import User
from salesbrain.admin_site import start

ORDER = ("messaging", "campaigns", "accounts", "instantly")
"""What staff look at most comes first; whatever is not named comes after, by name."""


class SalesbrainSite(AdminSite):
    site_header = "Salesbrain"
    site_title = "Salesbrain"
    index_title = "Today"
    index_template = "admin/start.html"
    site_url = None
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the figures of today and the last seven days, the state of every connection, and what needs a person."""
        figures = start.read(now=timezone.now())
        return super().index(request, {**(extra_context or {}), "start": figures})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Say in one word what the person may do; the choices' labels explain it after a colon."""
        role = request.user.get_role_display() if isinstance(request.user, User) else ""
        return {**super().each_context(request), "role": role.partition(":")[0]}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        def place(app: dict[str, Any]) -> tuple[int, str]:
            label = app["app_label"]
            return (ORDER.index(label) if label in ORDER else len(ORDER), label)

        return sorted(super().get_app_list(request, app_label), key=place)
