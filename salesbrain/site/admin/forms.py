"""Login form: address, password, code."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.signals import user_login_failed

from accounts import second_factor
from accounts.models import User


class LoginForm(AdminAuthenticationForm):
    """Whatever is wrong is answered with one sentence: it does not tell which of the three it was, nor who exists."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "That does not open anything. Check the email, the password and, if you set one up, the code.",
    }
    code = forms.CharField(
        required=False,
        max_length=40,
        label="Code",
        help_text="From your authenticator, or a recovery code. Empty, if you have not set one up.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )

    def confirm_login_allowed(self, user: Any) -> None:
        """Let staff with the right code pass. A wrong code counts like a wrong password: guessing must end somewhere."""
        super().confirm_login_allowed(user)
        assert isinstance(user, User)
        if not second_factor.is_on(user):
            return
        device = second_factor.verify(user, self.cleaned_data.get("code", ""))
        if device is None:
            credentials = {"username": self.cleaned_data.get("username")}
            user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)
            raise self.get_invalid_login_error()
        user.otp_device = device  # type: ignore[attr-defined]  # django_otp remembers it in the session
