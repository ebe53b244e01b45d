"""Django forms of the account pages: login, profile, password, second factor, tokens, team."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import Language, MembershipRole
from accounts.models import User
from accounts.models.user import time_zones
from accounts.tokens import longest_days


class LoginForm(forms.Form):
    username = forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none", "autofocus": True}
        ),
    )


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "single_key_shortcuts"]

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Times on pages are shown in it. Statistics count by UTC day."),
    )
    single_key_shortcuts = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Press ? on any page to see them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As the browser")), *Language.choices]  # type: ignore[attr-defined]
        zones = [(name, name.replace("_", " ")) for name in sorted(time_zones() - {"UTC"})]
        self.fields["time_zone"].choices = [("", "UTC"), *zones]  # type: ignore[attr-defined]


class PasswordForm(forms.Form):
    """Form that changes the password of `user`; requires the present one."""

    present = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    fresh = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=4096,
        help_text=password_validation.password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_fresh(self) -> str:
        fresh: str = self.cleaned_data["fresh"]
        password_validation.validate_password(fresh, self.user)
        return fresh


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What it is for, such as “CRM sync”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(label=_("Valid for"), coerce=int)
    read_only = forms.BooleanField(
        label=_("Only reads"),
        required=False,
        help_text=_("Whoever has the token then changes nothing with it, whatever your role."),
    )

    def __init__(self, *args: Any, may_write: bool, **kwargs: Any) -> None:
        """Create the form; `may_write`: whether the user may have a token that writes. If not, all are read-only and the choice is not
        shown."""
        super().__init__(*args, **kwargs)
        longest = longest_days()
        lengths = [(30, _("30 days")), (90, _("90 days")), (365, _("1 year"))]
        offered = [(days, label) for days, label in lengths if days <= longest]
        self.fields["days"].choices = offered or [  # type: ignore[attr-defined]
            (longest, ngettext("%(days)s day", "%(days)s days", longest) % {"days": longest})
        ]
        self.fields["days"].initial = 90 if longest >= 90 else longest
        if not may_write:
            del self.fields["read_only"]


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), initial=MembershipRole.MEMBER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = MembershipRole.choices  # type: ignore[attr-defined]
        self.fields["role"].help_text = _(
            "Observers only look. Members also answer. Owners also manage team and tokens."
        )


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=4096,
        help_text=password_validation.password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class JoinForm(forms.Form):
    """Form of an invited person without a user: name and password."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=password_validation.password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
