"""Page of a user's own second factor: set up, renew recovery codes, replace or remove it."""

from typing import Any

import django_otp
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor
from accounts.login_lockout import record_login
from accounts.models import User
from accounts.web.login import landing
from accounts.web.settings_pages import SettingsView
from salesbrain.web.views import Page, to_login

WRONG = _("This code is not right. Codes change every 30 seconds; is the clock of your phone right?")


@method_decorator(sensitive_post_parameters("code"), name="dispatch")
class SecondFactorView(SettingsView):
    """Page of one's own second factor, also as the last step of a staff login. Changes require the present second factor."""

    template_name = "accounts/second_factor.html"
    title = _("Second factor")
    section = "second_factor"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and second_factor.must_set_up(user):
            return Page.dispatch(self, request, *args, **kwargs)
        if isinstance(user, User) and second_factor.is_on(user) and not user.is_verified():  # type: ignore[attr-defined]
            return to_login(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user, code = self.user(), request.POST.get("code", "")
        if not second_factor.is_on(user):
            return self.set_up(user, code)
        if second_factor.verify(user, code) is None:
            return self.show(error=WRONG)
        if request.POST.get("what") == "codes":
            record_login(request, user, "second_factor.new_codes")
            return self.show(codes=second_factor.new_recovery_codes(user))
        second_factor.reset(user)
        record_login(request, user, "second_factor.reset")
        if request.POST.get("what") == "off":
            messages.success(request, gettext("The second factor is off."))
        return redirect("second_factor")

    def set_up(self, user: User, code: str) -> HttpResponseBase:
        """Activate the second factor with its first code, and show the recovery codes once."""
        device = second_factor.begin(user)
        codes = second_factor.confirm(device, code)
        if codes is None:
            return self.show(error=WRONG)
        django_otp.login(self.request, device)
        record_login(self.request, user, "second_factor.set_up")
        return self.show(codes=codes)

    def show(self, *, codes: list[str] | None = None, error: Any = "") -> HttpResponseBase:
        user = self.user()
        context: dict[str, Any] = {"codes": codes, "error": error, "onward": landing(user)}
        if codes is None and second_factor.is_on(user):
            context["left"] = second_factor.recovery_codes_left(user)
            context["may_switch_off"] = not second_factor.is_required(user)
        elif codes is None:
            device = second_factor.begin(user)
            context["picture"] = mark_safe(second_factor.picture(device))  # noqa: S308  paths drawn by qrcode from our own address
            context["secret"] = second_factor.secret(device)
        return self.render(context)
