"""Admin pages of findings: list, fix with preview, fix of all equal ones, snooze with a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin, badge
from accounts.organization_choice import choose_organization
from accounts.services import record_audit
from instantly.actions.action import Action
from instantly.actions.forms import ActionForm
from instantly.admin.action_mixin import MAX_ROWS, ActionAdminMixin
from instantly.admin.finding_targets import MODELS, ORDER, TONES, fix_of, settling_page, target_url
from instantly.admin.undo import admin_page
from messaging.choices import Severity
from messaging.findings import snoozes
from messaging.findings.rules import REPLIES_WAITING, registered
from messaging.findings.words import figure, label, sentence, snoozed
from messaging.models import Finding
from salesbrain import rls

HISTORY = 20
DAYS = (1, 3, 7, 14, 30, 90)
BY_SEVERITY = Case(
    *(When(severity=name, then=Value(place)) for name, place in ORDER.items()), output_field=IntegerField()
)


class StateFilter(admin.SimpleListFilter):
    """Filter findings by state; without a choice, only open ones are listed."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("snoozed", str(_("Snoozed"))), ("over", str(_("Over"))), ("all", str(_("All")))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding] | None:
        now = timezone.now()
        by_state = {
            None: queryset.filter(pk__in=snoozes.open_findings(now).values("pk")),
            "snoozed": queryset.filter(until__isnull=True, snoozed_until__gt=now),
            "over": queryset.filter(until__isnull=False),
        }
        return by_state.get(self.value(), queryset)


class RuleFilter(admin.SimpleListFilter):
    title = _("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((name, str(rule.label)) for name, rule in registered().items()), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding] | None:
        return queryset.filter(rule=self.value()) if self.value() else None


class SnoozeForm(forms.Form):
    days = forms.TypedChoiceField(
        coerce=int, choices=[(days, days) for days in DAYS], initial=7, label=_("For how many days")
    )
    reason = forms.CharField(
        max_length=500, label=_("Reason"), help_text=_("Colleagues read it in the list and in the history.")
    )


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ["what", "target", "organization", "said", "since", "state"]
    list_filter = [StateFilter, "severity", RuleFilter, "organization", "target_type", "since"]
    list_select_related = ["organization"]
    search_fields = ["target_name", "=target_id"]
    linked_by = ("target_id",)
    paginator = BoundedPaginator
    sortable_by = ()
    fields = ["what", "target", "organization", "said", "state", "since", "until", "resolved_by", "history"]
    change_form_template = "admin/finding_change_form.html"
    actions = ["snooze", "wake"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description=_("fix"))
        def fix(finding: Finding) -> SafeString | str:
            return fix_link(finding, fix_of(finding, request))

        return [*self.list_display, fix]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [BY_SEVERITY.asc(), "-since", "pk"]

    def has_snooze_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("messaging.change_finding"))

    # --- what is shown ----------------------------------------------------------------------------------------------

    @admin.display(description=_("finding"))
    def what(self, finding: Finding) -> SafeString:
        text = f"{label(finding.rule)} {figure(finding)}".strip()
        return badge(text, TONES[Severity(finding.severity)])

    @admin.display(description=_("about"))
    def target(self, finding: Finding) -> SafeString:
        kind = finding.get_target_type_display()
        return format_html(
            '<a href="{}">{}</a> <span class="sb-quiet-text">{}</span>', target_url(finding), finding.target_name, kind
        )

    @admin.display(description=_("figure and rule"))
    def said(self, finding: Finding) -> str:
        return sentence(finding)

    @admin.display(description=_("state"))
    def state(self, finding: Finding) -> SafeString | str:
        if finding.until is not None:
            return badge(_("Over"), "quiet")
        away = snoozed(finding, timezone.now())
        return format_html("{} {}", badge(_("Snoozed"), "quiet"), away) if away else badge(_("Open"), "bad")

    @admin.display(description=_("over after"))
    def resolved_by(self, finding: Finding) -> SafeString | str:
        if finding.action_id is None:
            return ""
        url = reverse("admin:instantly_staffaction_change", args=[finding.action_id])
        return format_html('<a href="{}">{}</a>', url, gettext("this action"))

    @admin.display(description=_("earlier findings on the same object"))
    def history(self, finding: Finding) -> SafeString | str:
        same = Finding.objects.filter(target_type=finding.target_type, target_id=finding.target_id).exclude(
            pk=finding.pk
        )
        rows = (
            (f"{row.since:%Y-%m-%d %H:%M}", self.state(row), label(row.rule), sentence(row)) for row in same[:HISTORY]
        )
        return format_html_join("", "<div>{} {} {}: {}</div>", rows)

    # --- what can be done -------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [
            path("<uuid:pk>/fix/", self.admin_site.admin_view(self.fix_view), name="messaging_finding_fix"),
            path(
                "<uuid:pk>/fix-equal/",
                self.admin_site.admin_view(self.fix_equal_view),
                name="messaging_finding_fix_equal",
            ),
            path("<uuid:pk>/inbox/", self.admin_site.admin_view(self.inbox_view), name="messaging_finding_inbox"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        finding = kwargs.get("obj")
        action = fix_of(finding, request) if finding else None
        context["fix"] = action
        context["opens"] = settling_page(finding) if finding is not None and action is None else None
        if finding is not None:
            context["subtitle"] = f"{label(finding.rule)}: {finding.target_name}"
        context["equal"] = len(findings_with_same_fix(finding, action)) if finding and action else 0
        context["may_snooze"] = finding is not None and finding.until is None and self.has_snooze_permission(request)
        context["is_snoozed"] = bool(finding and snoozed(finding, timezone.now()))
        return super().render_change_form(request, context, *args, **kwargs)

    def fix_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Preview the staff action that fixes one finding; its form posts to the list of the object's kind."""
        finding = get_object_or_404(Finding, pk=pk)
        return self._preview(request, [finding])

    def fix_equal_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Preview the same staff action for every object with an open finding of the same rule."""
        finding = get_object_or_404(Finding, pk=pk)
        action = fix_of(finding, request)
        return self._preview(request, findings_with_same_fix(finding, action) if action else [finding])

    def inbox_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Choose the finding's organization and open its inbox, narrowed to waiting replies; audited, as by the menu."""
        finding = get_object_or_404(Finding, pk=pk, rule=REPLIES_WAITING.name)
        user: Any = request.user
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            choose_organization(request.session, user, finding.target_id)
        except rls.NoScope as error:  # it was deactivated
            raise Http404 from error
        with rls.scope(rls.SYSTEM):
            record_audit(action="organization.open", actor=user, organization_id=finding.target_id)
        return redirect(f"{reverse('inbox')}?late={REPLIES_WAITING.limit:.0f}")

    def _preview(self, request: HttpRequest, findings: list[Finding]) -> HttpResponse:
        action = fix_of(findings[0], request)
        if action is None:
            raise PermissionDenied(gettext("There is no fix for this finding, or your role may not do it."))
        pages = self.admin_site.get_model_admin(MODELS[findings[0].target_type])
        assert isinstance(pages, ActionAdminMixin)
        why = {row.target_id: sentence(row) for row in findings}
        rows = list(pages.get_queryset(request).filter(pk__in=why)[:MAX_ROWS])
        if not rows:
            raise Http404
        for row in rows:
            row.why = why[row.pk]
        form = (action.form or ActionForm)(rows=rows)
        return pages.confirmation_page(
            request, action, form, rows, post_to=reverse(admin_page(action.target, "changelist"))
        )

    @admin.action(description=_("Snooze with a reason"), permissions=["snooze"])
    def snooze(self, request: HttpRequest, queryset: QuerySet[Finding]) -> HttpResponse | None:
        rows = list(queryset.filter(until__isnull=True)[:MAX_ROWS])
        form = SnoozeForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request), "title": gettext("Snooze"), "opts": self.opts, "kind": "snooze", "form": form,
                "rows": rows, "explanation": gettext("They are not shown among the open ones until then, unless a rule finds them anew."),
                "checkbox": ACTION_CHECKBOX_NAME,
            }  # fmt: skip
            return TemplateResponse(request, "admin/action_confirm.html", context)
        now, user = timezone.now(), request.user
        days, reason = form.cleaned_data["days"], form.cleaned_data["reason"]
        ids = [row.pk for row in rows]
        count = snoozes.snooze(ids, until=now + timedelta(days=days), reason=reason, by=str(user), now=now)
        for row in rows:
            self.audit(request, "snooze", row, days=days, reason=reason)
        self.message_user(request, ngettext("%(count)s snoozed.", "%(count)s snoozed.", count) % {"count": count})
        return None

    @admin.action(description=_("End the snooze"), permissions=["snooze"])
    def wake(self, request: HttpRequest, queryset: QuerySet[Finding]) -> None:
        rows = list(queryset.filter(snoozed_until__isnull=False)[:MAX_ROWS])
        count = snoozes.wake([row.pk for row in rows], now=timezone.now())
        for row in rows:
            self.audit(request, "wake", row)
        self.message_user(request, ngettext("%(count)s open again.", "%(count)s open again.", count) % {"count": count})


def fix_link(finding: Finding, action: Action | None) -> SafeString | str:
    """Return the button that leads to the preview of a fix or, without one, to the page where a person settles the finding; empty if there
    is neither.
    """
    if action is None:
        found = settling_page(finding)
        return format_html('<a class="button sb-fix" href="{}">{}</a>', found[1], found[0]) if found else ""
    url = reverse("admin:messaging_finding_fix", args=[finding.pk])
    return format_html(
        '<a class="button sb-fix" href="{}">{}</a>', url, gettext("Fix: %(action)s") % {"action": action.label}
    )


def findings_with_same_fix(finding: Finding, action: Action) -> list[Finding]:
    """Return the open findings of the same rule that the action fixes; only `finding` if the action takes one row at a time."""
    if action.is_for_one:
        return [finding]
    rule = registered()[finding.rule]
    same = snoozes.open_findings(timezone.now()).filter(rule=finding.rule, target_type=finding.target_type)
    return [row for row in same[:MAX_ROWS] if rule.fix(row.target_type, row.reason) == action.kind]
