"""`/settings/goals`: page of this month's and the next month's targets; only owners change them."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, RoleTooLow, member_may
from accounts.web.settings_pages import SettingsView
from messaging import goals
from messaging.models import Goal
from messaging.web import words


class GoalsForm(forms.Form):
    """Form of targets: a number for each stat; an empty field is no goal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for metric in goals.METRICS:
            label, meaning = map(str, words.FIGURES[metric])  # a form is made for each request, in its language
            self.fields[metric] = forms.IntegerField(
                label=label, help_text=meaning, required=False, min_value=1, max_value=goals.LARGEST
            )


class GoalsView(SettingsView):
    template_name = "messaging/goals.html"
    title = _("Goals")
    section = "goals"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        month = next((month for month in self.months if month.isoformat() == request.POST.get("month")), None)
        if self.scope is None or self.scope.organization_id is None or month is None:
            messages.error(request, gettext("Goals can be set for this month and the next. Choose one of them."))
            return redirect("goals")
        form = GoalsForm(request.POST)
        if not form.is_valid():
            return self.show({month: form}, status=400)
        try:
            goals.set_goals(self.scope, by=self.user(), month=month, targets=form.cleaned_data, now=timezone.now())
        except RoleTooLow as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        messages.success(request, gettext("The goals are saved."))
        return redirect("goals")

    @property
    def months(self) -> list[date]:
        this = goals.first_day(timezone.now().date())
        return [this, goals.next_month(this)]

    def show(self, forms: dict[date, GoalsForm] | None = None, status: int = 200) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        own = Goal.objects.filter(organization=self.scope.organization_id)
        shown = []
        for month in self.months:
            targets = goals.targets_of(own, month)
            form = (forms or {}).get(month) or GoalsForm(initial=targets, prefix=None, auto_id=f"{month:%Y-%m}-%s")
            shown.append(
                (month, form, [(words.FIGURES[name][0], targets[name]) for name in goals.METRICS if name in targets])
            )
        may_set = member_may(self.scope.member_role, Permission.MANAGE_GOALS)
        return self.render({"months": shown, "may_set": may_set}, status=status)
