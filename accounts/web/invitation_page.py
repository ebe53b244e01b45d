"""Page behind an invitation's link: join the organization with an existing or a new user."""

from typing import Any

from django.contrib import auth, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import invitations
from accounts.choices import MembershipRole
from accounts.login_lockout import count_login, record_login
from accounts.models import Membership, User
from accounts.refusals import InvalidLink, Refusal
from accounts.web.forms import JoinForm
from accounts.web.login import BACKEND
from salesbrain.web import organizations
from salesbrain.web.views import Page


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class InvitationView(Page):
    """Page of an invitation. Opening it changes nothing, because mail scanners open links; only the form accepts."""

    template_name = "accounts/invitation.html"
    title = _("Invitation")
    example_arguments = {"token": "0" * 75}

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return self.show(token, JoinForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        if refused := count_login(request):
            return refused
        user = request.user if isinstance(request.user, User) else None
        form = JoinForm(request.POST)
        if user is None and not form.is_valid():
            return self.show(token, form)
        given: dict[str, Any] = {"user": user} if user else form.cleaned_data
        try:
            member = invitations.accept_invitation(token, now=timezone.now(), **given)
        except ValidationError as error:
            form.add_error("password", error)
            return self.show(token, form)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path)
        return self.joined(member, was_logged_in=user is not None)

    def joined(self, member: Membership, *, was_logged_in: bool) -> HttpResponseBase:
        if not was_logged_in:
            auth.login(self.request, member.user, backend=BACKEND)
            record_login(self.request, member.user, "login")
        self.request.session[organizations.SESSION_KEY] = str(member.organization_id)
        return redirect("overview")

    def show(self, token: str, form: JoinForm) -> HttpResponseBase:
        try:
            found = invitations.read_invitation(token, now=timezone.now())
        except InvalidLink as refusal:
            return self.render({"refusal": refusal}, status=410)
        user = self.request.user
        is_theirs = isinstance(user, User) and user.email == found.email
        context = {
            "invitation": found, "role": MembershipRole(found.role).label, "form": form, "is_theirs": is_theirs,
            "is_other": user.is_authenticated and not is_theirs,
        }  # fmt: skip
        return self.render(context)
