"""Handler of failed logins for django-axes: discard the typed values, record a security event."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest, QueryDict

from accounts.models import User
from salesbrain.kernel import security_events
from salesbrain.kernel.security_events import Kind
from salesbrain.kernel.trusted_proxies import client_address


class LoginAttempts(AxesDatabaseHandler):
    """Handler of django-axes (AXES_HANDLER). The library would store the whole form, with recovery codes or mistyped passwords in it."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:
            super().user_login_failed(sender, credentials, request, **kwargs)
            return
        locked_out_before = getattr(request, "axes_locked_out", False)
        typed = request.GET, request.POST
        request.GET = request.POST = QueryDict()  # all that axes stores of them
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            request.GET, request.POST = typed
        if locked_out_before:
            return  # nothing was tried; accounts.login_lockout notes it
        user = user_named(credentials.get("username") or credentials.get("email"))
        security_events.note(
            Kind.LOGIN_FAILED,
            user_id=user.pk if user else None,
            address=client_address(request),
            path=request.path_info,
        )


def user_named(name: Any) -> User | None:
    """Return the user with this login name, or None."""
    email = str(name or "").strip().lower().replace("\0", "")[:254]
    return User.objects.filter(email=email).first() if email else None
