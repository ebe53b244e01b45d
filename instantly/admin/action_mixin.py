"""Admin mixin that offers staff actions: buttons, confirmation page, progress."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext

from instantly.actions.action import Action
from instantly.actions.forms import ActionForm
from instantly.actions.registry import offered_on
from instantly.actions.runner import request_action
from instantly.admin.object_pages import running_actions
from instantly.models import StaffAction

MAX_ROWS = 200


class ActionAdminMixin(admin.ModelAdmin):
    """Mix in before a ModelAdmin: its pages offer every staff action for this model (instantly/actions/registry.py)."""

    change_form_template = "admin/action_buttons_change_form.html"
    change_list_template = "admin/action_change_list.html"

    def permitted_actions(self, request: HttpRequest) -> list[Action]:
        return [action for action in offered_on(self.model) if request.user.has_perm(action.permission)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        permitted = self.permitted_actions(request)
        ours = {action.kind: (_on_chosen_rows(action), action.kind, str(action.label)) for action in permitted}
        return {**super().get_actions(request), **ours}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the list's actions on the page of a single row too."""
        context = {**(extra_context or {}), "staff_actions": self.permitted_actions(request)}
        return super().change_view(request, object_id, form_url, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the actions on this row that have not ended; the page reloads until they have."""
        row = kwargs.get("obj")
        context["running"] = running_actions(row) if row is not None else []
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show how many actions on this list's rows have not ended; the list reloads until they have."""
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        kinds = [action.kind for action in offered_on(self.model)]
        count = StaffAction.objects.filter(kind__in=kinds, finished_at__isnull=True).count()
        return super().changelist_view(request, {**(extra_context or {}), "running_count": count})

    def start_action(self, request: HttpRequest, queryset: QuerySet[Any], action: Action) -> HttpResponse | None:
        """Show the confirmation page, or, once confirmed, queue one action per row and redirect to their progress."""
        rows = list(queryset[: MAX_ROWS + 1])
        if len(rows) > MAX_ROWS:
            self.message_user(request, gettext("Choose %(most)s at most.") % {"most": MAX_ROWS}, messages.ERROR)
            return None
        if action.is_for_one and len(rows) != 1:
            one_only = gettext("Select exactly one row for “%(action)s”.")
            self.message_user(request, one_only % {"action": action.label}, messages.ERROR)
            return None
        arguments: dict[str, Any] = {}
        if action.form is not None:
            form = _form(request, action.form, rows)
            if not form.is_valid():
                return self.confirmation_page(request, action, form, rows)
            arguments = form.arguments()
        actor: Any = request.user  # only staff, who are Users, reach the admin
        requested = [request_action(action.kind, actor=actor, target=row, arguments=arguments) for row in rows]
        return self.redirect_to_actions(request, requested)

    def confirmation_page(
        self, request: HttpRequest, action: Action, form: ActionForm, rows: Sequence[Any], post_to: str = ""
    ) -> HttpResponse:
        """Return the page that asks to confirm an action. `post_to`: URL the form is posted to; empty: this page's own."""
        context = {
            **self.admin_site.each_context(request),
            "title": action.label,
            "opts": self.opts,
            "kind": action.kind,
            "explanation": action.warning,
            "leaves": action.leaves,
            "post_to": post_to,
            "form": form,
            "rows": rows,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/action_confirm.html", context)

    def redirect_to_actions(self, request: HttpRequest, requested: Sequence[StaffAction]) -> HttpResponse:
        count = len(requested)
        queued = ngettext(
            "%(count)s action queued. Progress is shown here.",
            "%(count)s actions queued. Progress is shown here.",
            count,
        )
        self.message_user(request, queued % {"count": count})
        if count == 1:
            return redirect("admin:instantly_staffaction_change", requested[0].pk)
        return redirect("admin:instantly_staffaction_changelist")


def _form(request: HttpRequest, form: type[ActionForm], rows: Sequence[Any]) -> ActionForm:
    """Return the action's form with the posted data, or, when first shown, with the values in the URL (to revert an action)."""
    if "confirmed" in request.POST:
        return form(request.POST, request.FILES, rows=rows)
    return form(rows=rows, initial={name: request.POST[name] for name in form.base_fields if name in request.POST})


def _on_chosen_rows(action: Action) -> Callable[[ActionAdminMixin, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    def act(modeladmin: ActionAdminMixin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return modeladmin.start_action(request, queryset, action)

    return act
