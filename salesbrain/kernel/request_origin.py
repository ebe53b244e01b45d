"""Client IP address of the current request, readable anywhere in its thread, for the audit log."""

import getpass
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from salesbrain.kernel.trusted_proxies import client_address

_ADDRESS: ContextVar[str | None] = ContextVar("request_origin", default=None)


class RequestOriginMiddleware:
    """Store the client's IP address for the duration of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with override_address(client_address(request)):
            return self.get_response(request)


@contextmanager
def override_address(address: str | None) -> Iterator[None]:
    """Use this IP address for audit entries of the current thread during the block."""
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)


def address() -> str | None:
    """Return the client's IP address of the current request; None in a command, a scheduled job or a test."""
    return _ADDRESS.get()


def process_owner() -> str:
    """Return the operating system user and host name of this process, for audit entries of commands."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
