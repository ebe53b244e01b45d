"""Lockout after failed logins (django-axes), login rate limit per IP address, audit of logins."""

import math
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import ngettext
from rest_framework.exceptions import Throttled

from accounts.models import User
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.api import throttles
from salesbrain.kernel import access_log, security_events
from salesbrain.kernel.rate_window import FixedWindow, client_prefix
from salesbrain.kernel.security_events import Kind
from salesbrain.kernel.trusted_proxies import Application, Environ, client_address
from salesbrain.web import error_pages
from salesbrain.web.language import language_of

LOGIN_PATHS = ("/login", "/api/auth/tokens", "/settings/password", "/invitations/", "/password-reset/")
"""Paths at which passwords are checked or set; a trailing slash includes everything below. The second step of a login hashes no password
and is limited by AXES_FAILURE_LIMIT."""

_window = FixedWindow(15 * 60.0)


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name under which a failed login is counted, normalized as the database compares names, so that variants share one count.
    It does not depend on whether the user exists.
    """
    said = (credentials or {}).get("username") or (credentials or {}).get("email") or request.POST.get("username", "")
    return str(said).strip().lower()[:254]


def locked_out(
    request: HttpRequest, original_response: Any = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Return the response to a login after too many failures: the same for known and unknown users and for any password."""
    seconds = math.ceil(settings.AXES_COOLOFF_TIME.total_seconds())
    user = User.objects.filter(email=attempted_name(request, credentials).replace("\0", "")).first()
    _note(request.path_info, client_address(request), user_id=user.pk if user else None)
    return refusal(request.path_info, _failed(_minutes(seconds)), seconds)


def refusal(path: str, words: str, seconds: int) -> HttpResponse:
    """Return a 429 response for a login that is not tried: JSON below /api/, else a page. `seconds` until the next one is allowed."""
    headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    if path.startswith("/api/"):
        body = {"success": False, "detail": words, "code": "too_many_logins", "errors": {}}
        return JsonResponse(body, status=429, headers=headers)
    return error_pages.page(429, detail=words, retry_after=seconds)


def count_login(request: HttpRequest) -> HttpResponse | None:
    """Count a login for its IP address, before the password is checked; return the refusal if there were too many, else None.

    Counted in PostgreSQL by all processes together, logins to pages and to the API alike.
    """
    try:
        throttles.count("login", f"address:{client_prefix(request.META.get('REMOTE_ADDR', ''))}")
    except Throttled as error:
        seconds = math.ceil(getattr(error, "wait", None) or 1)
        _note(request.path_info, client_address(request))
        return refusal(request.path_info, _too_many(_minutes(seconds)), seconds)
    return None


def with_login_limit(application: Application) -> Application:
    """Wrap a WSGI application so that logins from an IP address far over the limit are refused, counted in this process.

    A login refused here occupies no worker thread. `count_login`, called later, counts exactly.
    """

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "POST" or not is_login_path(environ.get("PATH_INFO", "")):
            return application(environ, start_response)
        wait = _window.hit(client_prefix(environ.get("REMOTE_ADDR", "")), _limit("HTTP_AUTHORIZATION" in environ))
        if not wait:
            return application(environ, start_response)
        seconds = math.ceil(wait)
        security_events.count(Kind.LOGIN_LOCKED_OUT)
        access_log.refusals.write(environ, 429, monotonic())
        with translation.override(language_of(environ)):  # no middleware has set it yet
            refused = refusal(environ["PATH_INFO"], _too_many(_minutes(seconds)), seconds)
        headers = [*refused.items(), ("Content-Length", str(len(refused.content)))]
        start_response(f"{refused.status_code} {refused.reason_phrase}", headers)
        return [refused.content]

    return answer


def _note(path: str, address: str | None, *, user_id: Any = None) -> None:
    security_events.note(Kind.LOGIN_LOCKED_OUT, user_id=user_id, address=address, path=path)


def is_login_path(path: str) -> bool:
    return path in LOGIN_PATHS or path.startswith(tuple(each for each in LOGIN_PATHS if each.endswith("/")))


def forget() -> None:
    """Reset the counters (for tests)."""
    _window.reset()


def _limit(with_token: bool) -> int:
    """Return the limit of logins per IP address; higher for requests with a token, which issue tokens without a password check."""
    return int(settings.LOGINS_OF_AN_ADDRESS) * (throttles.TOKENS_OF_AN_ADDRESS if with_token else 1)


def _minutes(seconds: int) -> int:
    return max(1, math.ceil(seconds / 60))


def _too_many(minutes: int) -> str:
    return ngettext(
        "Too many logins from this IP address. Wait a minute, then try again.",
        "Too many logins from this IP address. Wait %(minutes)s minutes, then try again.",
        minutes,
    ) % {"minutes": minutes}


def _failed(minutes: int) -> str:
    return ngettext(
        "Too many failed logins. Wait a minute, then try again.",
        "Too many failed logins. Wait %(minutes)s minutes, then try again.",
        minutes,
    ) % {"minutes": minutes}


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
