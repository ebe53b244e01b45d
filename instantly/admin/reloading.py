"""Admin mixin for lists and pages that reload themselves while their rows still change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


class ReloadingMixin(admin.ModelAdmin):
    """Mix in before a page's own class. The browser polls every few seconds and reloads the page once it has changed (admin.js)."""

    change_list_template = "admin/actions_change_list.html"
    change_form_template = "admin/actions_change_form.html"

    def is_running(self, row: Any) -> bool:
        """Return whether a row will still change without a person's doing. Subclasses must override it."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data and "cl" in answer.context_data:
            rows = answer.context_data["cl"].result_list
            answer.context_data["reloads"] = any(map(self.is_running, rows))
        return answer

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["reloads"] = row is not None and self.is_running(row)
        return super().render_change_form(request, context, *args, **kwargs)
