"""Page of a user's API tokens: list, create, revoke."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import own_tokens
from accounts.tokens import is_read_only_for, issue_token
from accounts.web.forms import TokenForm
from accounts.web.settings_pages import SettingsView
from salesbrain import rls


class TokensView(SettingsView):
    """Page of one's API tokens. A new token is shown once, in the response that creates it."""

    template_name = "accounts/tokens.html"
    title = _("API tokens")
    section = "tokens"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(self.form())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        user, wanted = self.user(), form.cleaned_data
        read_only = is_read_only_for(user, wanted.get("read_only"))
        with rls.scope(rls.SYSTEM):
            issued = issue_token(user=user, actor=user, name=wanted["name"], days=wanted["days"], read_only=read_only)
        return self.show(self.form(), token=issued.token)

    def form(self, data: Any = None) -> TokenForm:
        return TokenForm(data, may_write=not is_read_only_for(self.user(), None))

    def show(self, form: TokenForm, *, token: str = "") -> HttpResponseBase:
        context: dict[str, Any] = {"form": form, "token": token, "tokens": own_tokens.tokens_of(self.user())}
        return self.render(context)


class RevokeTokenView(SettingsView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if not own_tokens.revoke(self.user(), request.POST.get("token", "")):
            raise Http404
        messages.success(request, gettext("The token was revoked."))
        return redirect("tokens")
