"""Actions whose work a job does: offered to whoever may, asked about on a page of their own, then followed on the row."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from instantly.actions.staff_actions import DEEDS, ask
from instantly.admin.forms import FORMS, DeedForm
from instantly.choices import ActionKind
from instantly.models import StaffAction

AT_ONCE = 200
AT_A_CLICK = {ActionKind.SYNC, ActionKind.TEST, ActionKind.DRIFT}
"""What changes nothing at Instantly needs no second question."""

SAID = {
    ActionKind.CAMPAIGN_ACTIVATE: "They begin to send, or go on.",
    ActionKind.CAMPAIGN_PAUSE: "They send nothing until they are activated again.",
    ActionKind.CAMPAIGN_DELETE: "They are deleted at Instantly, for good. Here they stay, with all that happened in them.",
    ActionKind.CAMPAIGN_CHANGE: "What you leave empty stays as it is.",
    ActionKind.ACCOUNT_PAUSE: "They send nothing until they are resumed.",
    ActionKind.WEBHOOK: "One subscription to everything is made or corrected, with the connection's secret.",
    ActionKind.LEAD_DELETE: "The lead gets no more mail of this campaign. What happened stays here.",
}


class ActingAdmin(admin.ModelAdmin):
    """Mixed in before a page's own class. `deeds` are the kinds it offers."""

    deeds: Sequence[ActionKind] = ()
    change_form_template = "admin/acting_change_form.html"

    def offered(self, request: HttpRequest) -> list[ActionKind]:
        return [kind for kind in self.deeds if request.user.has_perm(DEEDS[kind].permission)]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        ours = {kind.value: (_action(kind), kind.value, str(kind.label)) for kind in self.offered(request)}
        return {**super().get_actions(request), **ours}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer on a row's page what its list offers."""
        context = {**(extra_context or {}), "deeds": self.offered(request)}
        return super().change_view(request, object_id, form_url, context)

    def act(self, request: HttpRequest, queryset: QuerySet[Any], kind: ActionKind) -> HttpResponse | None:
        """Ask about it, or, once that is answered, queue one action a row and lead to where they can be followed."""
        rows = list(queryset[: AT_ONCE + 1])
        form_class = FORMS.get(kind, DeedForm)
        if len(rows) > AT_ONCE:
            self.message_user(request, f"Choose {AT_ONCE} at most.", messages.ERROR)
            return None
        if form_class.for_one and len(rows) != 1:
            self.message_user(request, f"“{kind.label}” is for one at a time: choose one.", messages.ERROR)
            return None
        answered = "confirmed" in request.POST
        form = form_class(*((request.POST, request.FILES) if answered else ()), rows=rows)
        if kind not in AT_A_CLICK and not (answered and form.is_valid()):
            return self.question(request, kind, form, rows)
        arguments = {} if kind in AT_A_CLICK else form.arguments()
        return self.follow(request, [ask(kind, actor=request.user, target=row, arguments=arguments) for row in rows])  # type: ignore[arg-type]  # staff are Users

    def question(self, request: HttpRequest, kind: ActionKind, form: DeedForm, rows: Sequence[Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": kind.label,
            "opts": self.opts,
            "kind": kind,
            "said": SAID.get(kind, ""),
            "form": form,
            "rows": rows,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/action_confirm.html", context)

    def follow(self, request: HttpRequest, actions: Sequence[StaffAction]) -> HttpResponse:
        self.message_user(request, f"{len(actions)} queued. This page says how it goes.")
        if len(actions) == 1:
            return redirect("admin:instantly_staffaction_change", actions[0].pk)
        return redirect("admin:instantly_staffaction_changelist")


def _action(kind: ActionKind) -> Callable[[ActingAdmin, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    def act(modeladmin: ActingAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        return modeladmin.act(request, queryset, kind)

    return act
