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
    """Remember the caller's address while the request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with override_address(client_address(request)):
            return self.get_response(request)


@contextmanager
def override_address(address: str | None) -> Iterator[None]:
    """Until the block ends, what this thread does was asked for from this network address."""
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)


def address() -> str | None:
    """Return the network address it was asked for from; None in a command, a schedule or a test."""
    return _ADDRESS.get()


def process_owner() -> str:
    """Return who runs this process and where: all there is to say of a command."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
