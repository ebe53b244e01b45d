"""Admin page of assignment rules; a saved rule has no effect until its preview was seen and applied."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge, link
from campaigns import rule_writes
from campaigns.admin import AssignmentRuleAdmin
from campaigns.models import AssignmentRule, Campaign
from campaigns.name_patterns import LONGEST

MOST_NAMED = 50
"""Campaigns of a list that its page names."""


class RuleForm(forms.ModelForm):
    value = forms.CharField(
        max_length=LONGEST,
        label=_("Value"),
        help_text=_(
            "What is looked for, ignoring case. In a pattern * stands for anything, ? for one character. A list: its name."
        ),
    )
    listed = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        label=_("Campaigns of the list"),
        help_text=_("Only for a list: one a line, exact name or id."),
    )

    class Meta:
        model = AssignmentRule
        fields = ["connection", "kind", "value", "listed", "organization", "priority", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["listed"] = "\n".join(self.instance.listed or ())

    def clean_listed(self) -> list[str] | None:
        return self.cleaned_data["listed"].splitlines() or None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needed = {"connection", "kind", "value"}
        if needed <= data.keys():
            try:
                rule = rule_writes.fit(AssignmentRule(**{name: data[name] for name in (*needed, "listed")}))
            except rule_writes.UnfitRule as error:
                self.add_error(error.field, str(error))
            else:
                data |= {"value": rule.value, "listed": rule.listed}
        return data


def state_badge(rule: AssignmentRule) -> SafeString:
    """Return whether the rule assigns new campaigns, as a word."""
    if not rule.is_active:
        return badge(_("Off"), "quiet")
    return badge(_("In effect"), "good") if rule.applied_at else badge(_("Not applied yet"), "warn")


admin.site.unregister(AssignmentRule)


@admin.register(AssignmentRule)
class AssignmentRulesAdmin(AssignmentRuleAdmin):
    form = RuleForm
    list_display = ["connection", "kind", "value", "organization", "priority", "state"]
    entered: Sequence[str] = ("connection", "kind", "value", "listed", "organization", "priority", "is_active")
    readonly_fields = ["state", "campaigns_listed"]
    ordering = ["connection", "priority", "created_at", "id"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the fields of the form; for a stored rule also its state and the campaigns of its list."""
        return [*self.entered, *(["state", "campaigns_listed"] if obj is not None else [])]

    def save_model(self, request: HttpRequest, obj: AssignmentRule, form: Any, change: bool) -> None:
        rule_writes.save(obj)  # StaffAdmin writes the audit entry

    def response_post_save_add(self, request: HttpRequest, obj: AssignmentRule) -> HttpResponse:
        return self._look_at(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: AssignmentRule) -> HttpResponse:
        return self._look_at(request, obj)

    def _look_at(self, request: HttpRequest, rule: AssignmentRule) -> HttpResponse:
        if rule.is_active and rule.applied_at is None:
            self.message_user(
                request,
                gettext("The rule has no effect yet. See what it takes, then apply it."),
                messages.INFO,
            )
        return redirect("admin:assignment_rules", connection_id=rule.connection_id)

    @admin.display(description=_("state"))
    def state(self, rule: AssignmentRule) -> SafeString:
        return state_badge(rule)

    @admin.display(description=_("campaigns"))
    def campaigns_listed(self, rule: AssignmentRule) -> SafeString | str:
        """Return the names of the campaigns whose ids the rule lists."""
        rows = Campaign.objects.filter(connection=rule.connection_id, provider_id__in=rule.listed or ()).order_by(
            "name", "id"
        )
        named = rows.only("id", "name")[:MOST_NAMED]
        return format_html_join("", "<div>{}</div>", ((link(row),) for row in named)) or "–"
