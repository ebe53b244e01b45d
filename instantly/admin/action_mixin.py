"""Admin mixin for queued staff actions: buttons, confirmation page, redirect to their progress."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from instantly.actions.forms import FORMS, ActionForm
from instantly.actions.registry import ACTIONS
from instantly.actions.runner import request_action
from instantly.choices import ActionKind
from instantly.models import StaffAction

MAX_ROWS = 200
WITHOUT_CONFIRMATION = {ActionKind.SYNC, ActionKind.TEST, ActionKind.DRIFT}
"""What changes nothing at Instantly needs no confirmation."""

EXPLANATIONS = {
    ActionKind.CAMPAIGN_ACTIVATE: "They begin to send, or go on.",
    ActionKind.CAMPAIGN_PAUSE: "They send nothing until they are activated again.",
    ActionKind.CAMPAIGN_DELETE: "They are deleted at Instantly, for good. Here they stay, with all that happened in them.",
    ActionKind.CAMPAIGN_CHANGE: "What you leave empty stays as it is.",
    ActionKind.ACCOUNT_PAUSE: "They send nothing until they are resumed.",
    ActionKind.WEBHOOK: "One subscription to everything is made or corrected, with the connection's secret.",
    ActionKind.LEAD_DELETE: "The lead gets no more mail of this campaign. What happened stays here.",
}


class ActionAdminMixin(admin.ModelAdmin):
    """Mix in before a page's own class. `action_kinds` are the kinds the page offers."""

    action_kinds: Sequence[ActionKind] = ()
    change_form_template = "admin/action_buttons_change_form.html"

    def permitted_kinds(self, request: HttpRequest) -> list[ActionKind]:
        return [kind for kind in self.action_kinds if request.user.has_perm(ACTIONS[kind].permission)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        ours = {kind.value: (_action(kind), kind.value, str(kind.label)) for kind in self.permitted_kinds(request)}
        return {**super().get_actions(request), **ours}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the list's actions on the page of a single row too."""
        context = {**(extra_context or {}), "action_kinds": self.permitted_kinds(request)}
        return super().change_view(request, object_id, form_url, context)

    def start_action(self, request: HttpRequest, queryset: QuerySet[Any], kind: ActionKind) -> HttpResponse | None:
        """Show the confirmation page, or, once confirmed, queue one action per row and redirect to their progress."""
        rows = list(queryset[: MAX_ROWS + 1])
        form_class = FORMS.get(kind, ActionForm)
        if len(rows) > MAX_ROWS:
            self.message_user(request, f"Choose {MAX_ROWS} at most.", messages.ERROR)
            return None
        if form_class.for_one and len(rows) != 1:
            self.message_user(request, f"“{kind.label}” is for one at a time: choose one.", messages.ERROR)
            return None
        answered = "confirmed" in request.POST
        form = form_class(*((request.POST, request.FILES) if answered else ()), rows=rows)
        if kind not in WITHOUT_CONFIRMATION and not (answered and form.is_valid()):
            return self.confirmation_page(request, kind, form, rows)
        arguments = {} if kind in WITHOUT_CONFIRMATION else form.arguments()
        actor: Any = request.user  # only staff, who are Users, reach the admin
        actions = [request_action(kind, actor=actor, target=row, arguments=arguments) for row in rows]
        return self.redirect_to_actions(request, actions)

    def confirmation_page(
        self, request: HttpRequest, kind: ActionKind, form: ActionForm, rows: Sequence[Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": kind.label,
            "opts": self.opts,
            "kind": kind,
            "explanation": EXPLANATIONS.get(kind, ""),
            "form": form,
            "rows": rows,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/action_confirm.html", context)

    def redirect_to_actions(self, request: HttpRequest, actions: Sequence[StaffAction]) -> HttpResponse:
        self.message_user(request, f"{len(actions)} queued. This page says how it goes.")
        if len(actions) == 1:
            return redirect("admin:instantly_staffaction_change", actions[0].pk)
        return redirect("admin:instantly_staffaction_changelist")


def _action(kind: ActionKind) -> Callable[[ActionAdminMixin, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    def act(modeladmin: ActionAdminMixin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return modeladmin.start_action(request, queryset, kind)

    return act
