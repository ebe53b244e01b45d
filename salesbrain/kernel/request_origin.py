"""From where what is being done was asked for: the audit log's answer, without handing it through every service."""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ADDRESS: ContextVar[str | None] = ContextVar("accounts_caller", default=None)


@contextmanager
def called_from(address: str | None) -> Iterator[None]:
    """Until the block ends, what this thread does was asked for from this network address."""
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)


def address() -> str | None:
    """Return the network address it was asked for from; None in a command, a schedule or a test."""
    return _ADDRESS.get()


def machine() -> str:
    """Return who runs this process and where: all there is to say of a command."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
