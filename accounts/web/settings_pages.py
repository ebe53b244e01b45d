"""Settings pages of a user: profile and password.

Tokens and the second factor have files of their own beside this one.
"""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import auth, messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.login_lockout import count_login, locked_out, record_login
from accounts.models import User
from accounts.permissions import Permission, member_may
from accounts.profile import change_profile
from accounts.web.forms import PasswordForm, ProfileForm
from salesbrain.web import navigation
from salesbrain.web.views import PageView


class SettingsView(PageView):
    """Base of pages about the user alone, independent of the organization."""

    needs_organization = False
    writes_in_get = True  # users and tokens are the primary's, as they are at every request
    section = ""

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def context(self) -> dict[str, Any]:
        role = self.scope.member_role if self.scope else ""
        sections = [
            entry
            for entry in navigation.entries("settings")
            if not entry.permission or member_may(role, Permission(entry.permission))
        ]
        return {**super().context(), "sections": sections, "section": self.section}


class ProfileView(SettingsView):
    template_name = "accounts/profile.html"
    title = _("Profile")
    section = "settings"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render({"form": ProfileForm(instance=self.user())})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user = User.objects.get(pk=self.user().pk)
        form = ProfileForm(request.POST, instance=user)
        if not form.is_valid():
            return self.render({"form": form})
        change_profile(user, **form.cleaned_data)
        with translation.override(user.language or translation.get_language_from_request(request)):
            messages.success(request, gettext("Saved."))
        return redirect("settings")


@method_decorator(sensitive_post_parameters("present", "fresh"), name="dispatch")
class PasswordView(SettingsView):
    """Form that changes the password; ends every other session of the user and leaves tokens valid."""

    template_name = "accounts/password.html"
    title = _("Password")
    section = "password"
    wrong = _("This is not your current password.")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render({"form": PasswordForm(self.user())})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if refused := count_login(request):
            return refused
        user, form = self.user(), PasswordForm(self.user(), request.POST)
        credentials = {"username": user.email}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return locked_out(request, credentials=credentials)
        if not form.is_valid():
            return self.render({"form": form})
        if not user.check_password(form.cleaned_data["present"]):
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
            form.add_error("present", str(self.wrong))
            return self.render({"form": form})
        user.set_password(form.cleaned_data["fresh"])
        user.save(update_fields=["password"])
        auth.update_session_auth_hash(request, user)
        record_login(request, user, "password.change")
        messages.success(
            request, gettext("The password was changed. Your other sessions and your API tokens have ended.")
        )
        return redirect("password")
