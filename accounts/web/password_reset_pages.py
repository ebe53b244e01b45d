"""Pages of the password reset: request a link, set the new password."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import mails, password_reset
from accounts.login_lockout import count_login
from accounts.refusals import InvalidLink, TooManyMails
from accounts.web.forms import EmailForm, NewPasswordForm
from salesbrain.web.views import Page


class AskView(Page):
    """Form that requests a password reset. The response does not depend on whether the address is known."""

    template_name = "accounts/password_reset_ask.html"
    title = _("Forgot your password?")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render({"form": EmailForm(), "mails_are_sent": mails.are_sent()})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form, asked = EmailForm(request.POST), False
        if form.is_valid():
            try:
                password_reset.request_password_reset(form.cleaned_data["email"], now=timezone.now())
                asked = True
            except TooManyMails as refusal:
                form.add_error(None, str(refusal))
        return self.render({"form": form, "asked": asked, "mails_are_sent": mails.are_sent()})


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SetView(Page):
    """Form that sets the new password. Opening the link changes nothing and logs nobody in."""

    template_name = "accounts/password_reset_set.html"
    title = _("New password")
    example_arguments = {"token": "0" * 75}

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return self.show(token, NewPasswordForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if refused := count_login(request):
            return refused
        form = NewPasswordForm(request.POST)
        if form.is_valid():
            try:
                password_reset.confirm_password_reset(token, password=form.cleaned_data["password"], now=timezone.now())
            except ValidationError as error:
                form.add_error("password", error)
            except InvalidLink as refusal:
                return self.render({"refusal": refusal}, status=410)
            else:
                messages.success(request, gettext("The new password is set. Log in with it."))
                return redirect("login")
        return self.show(token, form)

    def show(self, token: str, form: NewPasswordForm) -> HttpResponseBase:
        try:
            user = password_reset.read_password_reset(token, now=timezone.now())
        except InvalidLink as refusal:
            return self.render({"refusal": refusal}, status=410)
        return self.render({"form": form, "email": user.email})
