"""Login page in two steps: the password, then the second factor where the user has one.

Between the steps only the session identifies the user, for ten minutes; no form carries a user id.
"""

import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import second_factor
from accounts.login_lockout import count_login, locked_out, record_login
from accounts.models import User
from accounts.web.demo_users import demo_users
from accounts.web.forms import CodeForm, LoginForm
from salesbrain.web.views import Page, is_complete

PENDING = "login"
"""Session key of a login between its two steps: the password was right, the code is missing."""

PENDING_SECONDS = 10 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


def safe_next(request: HttpRequest, address: str) -> str:
    """Return the address if it lies on this site, else an empty text."""
    ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else ""


def landing(user: User) -> str:
    """Return the page shown after a login without a target: for staff the admin's dashboard."""
    return reverse("admin:index") if user.is_staff else reverse("overview")


def finish(request: HttpRequest, user: User, device: Any, next_address: str) -> HttpResponse:
    """Log the user in: new session key, state of the second factor in the session, and an audit entry."""
    request.session.pop(PENDING, None)
    if device is not None:
        user.otp_device = device  # type: ignore[attr-defined]  # django_otp remembers it in the session
    auth.login(request, user, backend=BACKEND)
    record_login(request, user, "login")
    if second_factor.must_set_up(user):
        return redirect("second_factor")
    return redirect(next_address or landing(user))


def ask_for_code(request: HttpRequest, user: User, next_address: str) -> HttpResponse:
    """Store in the session which user's password was right, and redirect to the second step."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk), "hash": user.get_session_auth_hash(), "until": time.time() + PENDING_SECONDS,
        "next": next_address,
    }  # fmt: skip
    return redirect("login_code")


def after_password(request: HttpRequest, user: User, next_address: str) -> HttpResponse:
    if second_factor.is_on(user):
        return ask_for_code(request, user, next_address)
    return finish(request, user, None, next_address)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class LoginView(Page):
    template_name = "accounts/login.html"
    title = _("Log in")
    wrong = _("This email and password do not belong together.")

    def next_address(self) -> str:
        given = self.request.POST.get("next") or self.request.GET.get("next", "")
        return safe_next(self.request, given)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User):
            if second_factor.must_set_up(user):
                return redirect("second_factor")
            if is_complete(user) and not self.next_address():
                return redirect(landing(user))
        return self.show(LoginForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if refused := count_login(request):
            return refused
        form = LoginForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        user = auth.authenticate(
            request, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
        )
        if not isinstance(user, User):
            form.add_error(None, str(self.wrong))
            return self.show(form)
        return after_password(request, user, self.next_address())

    def show(self, form: LoginForm) -> HttpResponseBase:
        context = {"form": form, "next": self.next_address(), "demo_users": demo_users()}
        return self.render(context)


@method_decorator(sensitive_post_parameters("code"), name="dispatch")
class CodeView(Page):
    """Second step of the login. Wrong codes count like wrong passwords, to limit guessing."""

    template_name = "accounts/login_code.html"
    title = _("Second factor")
    wrong = _("This code is not right, or was used already. A new one appears every 30 seconds.")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if self.pending_user() is None:
            return redirect("login")
        return self.render({"form": CodeForm()})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        user = self.pending_user()
        if user is None:
            return redirect("login")
        credentials = {"username": user.email}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return locked_out(request, credentials=credentials)
        form = CodeForm(request.POST)
        device = second_factor.verify(user, form.cleaned_data["code"]) if form.is_valid() else None
        if device is None:
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
            form.add_error("code", str(self.wrong))
            return self.render({"form": form})
        return finish(request, user, device, request.session[PENDING]["next"])

    def pending_user(self) -> User | None:
        """Return the user whose password was right in this session; None after ten minutes or a change of the password."""
        pending = self.request.session.get(PENDING)
        if not pending or pending["until"] < time.time():
            return None
        user = User.objects.filter(pk=pending["user"], is_active=True).first()
        return user if user and user.get_session_auth_hash() == pending["hash"] else None


class DemoLoginView(Page):
    """Login by one click instead of a password, for the users of the demo."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        known = {user.email: user for user in demo_users()}
        if not settings.DEMO or request.POST.get("email") not in known:
            raise Http404
        return after_password(request, known[request.POST["email"]], safe_next(request, request.POST.get("next", "")))


class LogoutView(Page):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, User):
            record_login(request, request.user, "logout")
        auth.logout(request)
        return redirect("login")
