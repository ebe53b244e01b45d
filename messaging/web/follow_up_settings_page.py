"""`/settings/follow-ups`: page of the country whose public holidays are no business days, with a list."""

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
from messaging.follow_ups import business_calendar
from messaging.follow_ups.business_calendar import COUNTRIES
from messaging.follow_ups.preferences import Country
from salesbrain.web.figures import weekday_and_day


class CountryForm(forms.Form):
    """Form of country and part. The parts offered are those of the saved country; those of another one appear once it is saved."""

    country = forms.ChoiceField(
        label=_("Country"), required=False, help_text=_("Follow-ups fall on its working days, and three of them make a silence.")
    )  # fmt: skip
    subdivision = forms.CharField(label=_("State or region"), required=False, max_length=20)

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by_name = sorted(((code, str(name)) for code, name in COUNTRIES.items()), key=lambda each: each[1].casefold())
        country: Any = self.fields["country"]
        country.choices = [("", gettext("None: Monday to Friday")), *by_name]
        parts = business_calendar.parts_of(of)
        if parts:
            shown = [("", gettext("Only what holds everywhere")), *parts]
            self.fields["subdivision"].widget = forms.Select(choices=shown)
        else:
            del self.fields["subdivision"]


class FollowUpSettingsView(SettingsView):
    template_name = "messaging/follow_up_settings.html"
    title = _("Follow-ups")
    section = "follow_up_settings"
    needs_organization = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:
            return redirect("follow_up_settings")
        country, part = request.POST.get("country", ""), request.POST.get("subdivision", "")
        if part not in dict(business_calendar.parts_of(country)):
            part = ""  # of the country before
        try:
            business_calendar.set_country(
                self.scope, by=self.user(), now=timezone.now(), country=country, subdivision=part
            )
        except RoleTooLow as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("follow_up_settings")
        messages.success(request, gettext("Saved."))
        return redirect("follow_up_settings")

    def show(self) -> HttpResponseBase:
        if self.scope is None or self.scope.organization_id is None:  # staff who look at all organizations
            return self.render({"choose": True})
        held = business_calendar.country_of(self.scope.organization_id)
        initial = {"country": held.code, "subdivision": held.subdivision}
        return self.render(
            {
                "form": CountryForm(initial=initial, of=held.code),
                "named": self.named(held),
                "may_set": member_may(self.scope.member_role, Permission.MANAGE_SUGGESTIONS),
                "coming": [
                    (f"{weekday_and_day(day)} {day.year}", name)
                    for day, name in business_calendar.coming_holidays(held, today=timezone.localdate())
                ],
            }
        )

    def named(self, held: Country) -> str:
        """Return the saved country and part in words, empty if none is set."""
        part = dict(business_calendar.parts_of(held.code)).get(held.subdivision, "")
        return ", ".join(str(name) for name in (COUNTRIES.get(held.code, ""), part) if name)
