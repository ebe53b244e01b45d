"""Logging in: what is counted against whom, what is said to somebody who tried too often, and the trace a login leaves."""

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.models import User
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.kernel.trusted_proxies import client_address


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name a failed login is counted under: as the database compares it, or variants would each have their
    own count. Whether such a user exists makes no difference."""
    said = (credentials or {}).get("username") or (credentials or {}).get("email") or request.POST.get("username", "")
    return str(said).strip().lower()[:254]


def locked_out(
    request: HttpRequest, original_response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer somebody who failed too often: the same for a user there is and one there is not, right password or wrong."""
    seconds = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds())
    words = f"Too many failed logins. Wait {math.ceil(seconds / 60)} minutes, then try again."
    headers = {"Retry-After": str(seconds)}
    if request.path_info.startswith("/api/"):
        body = {"success": False, "detail": words, "code": "too_many_logins", "errors": {}}
        return JsonResponse(body, status=429, headers=headers)
    page = render(request, "admin/locked_out.html", {"words": words}, status=429)
    for name, value in headers.items():
        page[name] = value
    return page


def record_login(request: HttpRequest, user: User, action: str, **detail: Any) -> None:
    """Write `action` (login, logout, second_factor.…) about `user` into the audit log; never anything that was typed."""
    with rls.scope(rls.SYSTEM):
        record_audit(
            action=action,
            actor=user,
            target=user,
            detail={"name": user.email, **detail},
            address=client_address(request),
        )
