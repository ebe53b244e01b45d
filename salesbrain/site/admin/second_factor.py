"""Page for staff to set up their second factor and renew recovery codes."""

from typing import Any

import django_otp
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe

from accounts import second_factor
from accounts.login_lockout import record_login
from accounts.models import User

TEMPLATE = "admin/second_factor.html"
WRONG = "This code is not right. Codes change every 30 seconds; is the clock of your phone right?"


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Answer for staff who are logged in; whoever has a second factor must have shown it."""
    user = request.user
    if not (isinstance(user, User) and user.is_active and user.is_staff):
        return redirect(f"{reverse('admin:login')}?{REDIRECT_FIELD_NAME}={request.path}")
    context = {**context, "title": "Second factor"}
    if not second_factor.is_on(user):
        return _set_up(request, user, context)
    if not user.is_verified():  # type: ignore[attr-defined]
        return redirect(f"{reverse('admin:login')}?{REDIRECT_FIELD_NAME}={request.path}")
    return _keep(request, user, context)


def _set_up(request: HttpRequest, user: User, context: dict[str, Any]) -> HttpResponse:
    """Show the QR code; switch the authenticator on with its first code, and show the recovery codes, once."""
    device, error = second_factor.begin(user), ""
    if request.method == "POST":
        codes = second_factor.confirm(device, request.POST.get("code", ""))
        if codes is not None:
            django_otp.login(request, device)
            record_login(request, user, "second_factor.set_up")
            return _answer(request, context, codes=codes)
        error = WRONG
    picture = mark_safe(second_factor.picture(device))  # noqa: S308  paths drawn by qrcode from our own address
    return _answer(request, context, picture=picture, secret=second_factor.secret(device), error=error)


def _keep(request: HttpRequest, user: User, context: dict[str, Any]) -> HttpResponse:
    """Say what there is; a new set of recovery codes or another authenticator for whoever shows a code again."""
    error = ""
    if request.method == "POST":
        if second_factor.verify(user, request.POST.get("code", "")) is None:
            error = WRONG
        elif request.POST.get("what") == "replace":
            second_factor.reset(user)
            record_login(request, user, "second_factor.reset")
            return redirect(request.path)
        else:
            record_login(request, user, "second_factor.new_codes")
            return _answer(request, context, codes=second_factor.new_recovery_codes(user))
    return _answer(request, context, left=second_factor.recovery_codes_left(user), is_on=True, error=error)


def _answer(request: HttpRequest, context: dict[str, Any], **more: Any) -> HttpResponse:
    response = TemplateResponse(request, TEMPLATE, {**context, **more})
    response["Cache-Control"] = "no-store"
    return response
