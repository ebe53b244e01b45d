"""`/settings/scores`: page of the variables that determine fit, and of the outcome by band."""

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
from accounts.refusals import Refusal
from accounts.web.settings_pages import SettingsView
from messaging.models import ContactVariables, ScoringSettings
from messaging.scores import fit_mapping
from messaging.scores.fit_mapping import LONGEST_NAME, MOST_EMPLOYEES
from messaging.web import score_words

LOOKED_AT = 500
"""Number of contacts whose variables are offered for mapping."""


class MappingForm(forms.Form):
    title = forms.CharField(label=_("Variable with the job title"), required=False, max_length=LONGEST_NAME)
    employees = forms.CharField(
        label=_("Variable with the number of employees"), required=False, max_length=LONGEST_NAME
    )
    employees_from = forms.IntegerField(
        label=_("Employees from"), required=False, min_value=0, max_value=MOST_EMPLOYEES
    )
    employees_to = forms.IntegerField(label=_("Employees up to"), required=False, min_value=0, max_value=MOST_EMPLOYEES)
    industry = forms.CharField(label=_("Variable with the industry"), required=False, max_length=LONGEST_NAME)
    industries = forms.CharField(
        label=_("Industries you look for"), required=False, max_length=5_000, widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line, as they stand in your lists."),
    )  # fmt: skip

    def __init__(self, *args: Any, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            self.fields["title"].help_text = gettext("In your lists: %(names)s") % {"names": ", ".join(known)}


class ScoresView(SettingsView):
    template_name = "messaging/scores.html"
    title = _("Scores")
    section = "scores"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:
            return redirect("scores")
        form = MappingForm(request.POST, known=[])
        if not form.is_valid():
            return self.show(form, status=400)
        values = dict(form.cleaned_data)
        values["industries"] = values["industries"].splitlines()
        values["employees_from"] = values["employees_from"] or 0
        try:
            fit_mapping.set_mapping(self.scope, by=self.user(), now=timezone.now(), **values)
        except RoleTooLow as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self.show(form, status=400)
        messages.success(request, gettext("Saved. The scores follow within some minutes."))
        return redirect("scores")

    def show(self, form: MappingForm | None = None, status: int = 200) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        own = ScoringSettings.objects.filter(pk=self.scope.organization_id).first()
        may_set = member_may(self.scope.member_role, Permission.MANAGE_SCORES)
        return self.render(
            {
                "form": form or MappingForm(initial=self.initial(own), known=self.known()),
                "may_set": may_set,
                "learned": score_words.learned(own),
                "calibration": score_words.calibration(own),
                "quarters": score_words.outcomes(own),
                "scored_at": own.scored_at if own else None,
            },
            status=status,
        )

    def initial(self, own: ScoringSettings | None) -> dict[str, Any]:
        if own is None:
            return {}
        names = ("title", "employees", "employees_from", "employees_to", "industry")
        return {**{name: getattr(own, name) for name in names}, "industries": "\n".join(own.industries)}

    def known(self) -> list[str]:
        """Return the names of variables found in a sample of contacts."""
        assert self.scope is not None
        rows = ContactVariables.objects.filter(organization=self.scope.organization_id).order_by("pk")
        found: set[str] = set()
        for variables in rows.values_list("variables", flat=True)[:LOOKED_AT]:
            found |= set(variables)
        return sorted(found, key=str.casefold)[:40]
