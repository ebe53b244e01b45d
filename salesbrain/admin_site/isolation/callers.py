"""Everybody who may call, as HTTP clients against this very process."""

import itertools
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from knox.models import get_token_model

from accounts.models import User
from salesbrain.admin_site.isolation.world import World

CALLERS = ("anonymous", "customer A", "customer B", "viewer", "operator", "admin")
_numbers = itertools.count()


def users(world: World) -> dict[str, User | None]:
    return {"anonymous": None, "customer A": world.a.customer, "customer B": world.b.customer, **world.staff}


def _host() -> str:
    """Return a name this installation answers to."""
    named = (host for host in settings.ALLOWED_HOSTS if host not in ("*", "[::1]"))
    return next(named, "localhost").lstrip(".")


def _common() -> dict[str, Any]:
    """Another address each time: what is proved are walls, not throttles."""
    number = next(_numbers)
    return {"SERVER_NAME": _host(), "REMOTE_ADDR": f"100.64.{number // 250 % 250}.{number % 250 + 1}", "secure": True}


def ask_api(user: User | None, method: str, path: str, body: Any = None) -> HttpResponse:
    """Call the API with a fresh token of this user, or without one."""
    headers = {}
    if user is not None:
        headers["Authorization"] = f"Bearer {get_token_model().objects.create(user)[1]}"
    client = Client(raise_request_exception=False)
    extra = {"content_type": "application/json", "data": "{}" if body is None else body} if method != "get" else {}
    return _whole(getattr(client, method)(path, headers=headers, **extra, **_common()))


def browser(user: User | None) -> Client:
    """Return a client with a session of this user, second factor shown where there is one."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        device = TOTPDevice.objects.filter(user=user).first()
        if device:
            session = client.session
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
            session.save()
    return client


def ask_admin(client: Client, method: str, path: str) -> HttpResponse:
    return _whole(getattr(client, method)(path, **_common()))


def _whole(response: Any) -> HttpResponse:
    """Read a streamed answer to its end."""
    if getattr(response, "streaming", False):
        response.proved_text = b"".join(response.streaming_content).decode(errors="replace")
    else:
        response.proved_text = response.content.decode(errors="replace")
    return response
