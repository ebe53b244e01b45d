"""Transport adapter for `requests` that enforces a total deadline per call.

The timeouts of requests and urllib3 restart with every byte received and every address tried: a server that drips one byte a
second, in the headers or in the body, is awaited without end. Here every single wait on a socket gets the remainder of the call's
deadline. (Name resolution happens in the system library and cannot be interrupted.)
"""

import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from instantly.client.retry import Deadline

_LIMIT: ContextVar[tuple[Deadline, float] | None] = ContextVar("instantly_call_limit", default=None)


@contextmanager
def holding_to(deadline: Deadline, patience: float) -> Iterator[None]:
    """Context in which no wait on a socket is longer than ``patience`` seconds or than ``deadline`` has left."""
    token = _LIMIT.set((deadline, patience))
    try:
        yield
    finally:
        _LIMIT.reset(token)


class _Reader(io.RawIOBase):
    """Reader of a response that sets the socket's timeout before every read."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket) -> None:
        self._inner = inner
        self._socket = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        limit = _LIMIT.get()
        if limit is not None:
            deadline, patience = limit
            self._socket.settimeout(deadline.share(patience))
        return self._inner.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._inner.close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock))

    def begin(self) -> None:
        super().begin()
        # urllib3 logs header lines that cannot be parsed, as they are; a server that echoes the key would get it there.
        self.headers.defects = []
        self.headers.set_payload("")


class _Deadlined:
    """Mixin for urllib3's connections that applies the deadline of the call."""

    response_class = _Response
    _dns_host: str
    host: str
    port: int
    sock: Any
    timeout: Any

    def _new_conn(self) -> socket.socket:
        """Try the addresses of the host one by one, each within the remaining time of the call (urllib3 would give each the whole time)."""
        limit = _LIMIT.get()
        if limit is None:
            return super()._new_conn()  # type: ignore[misc]
        name, most = self._dns_host, self.timeout
        failure: Exception | None = None
        try:
            for address in self._addresses():
                try:
                    self.timeout = limit[0].share(most)
                    self._dns_host = address
                    sock: socket.socket = super()._new_conn()  # type: ignore[misc]
                    sock.settimeout(limit[0].share(most))  # for the TLS handshake
                    return sock
                except TimeoutError:
                    break
                except (ConnectTimeoutError, NewConnectionError) as fault:
                    failure = fault
        finally:
            self._dns_host, self.timeout = name, most
        raise failure or ConnectTimeoutError(self, "no time left to connect")

    def send(self, data: Any) -> None:
        limit = _LIMIT.get()
        if limit is not None and self.sock is not None:
            self.sock.settimeout(limit[0].share(limit[1]))
        super().send(data)  # type: ignore[misc]

    def _addresses(self) -> list[str]:
        try:
            found = socket.getaddrinfo(self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as fault:
            reason = fault if isinstance(fault, socket.gaierror) else socket.gaierror(str(fault))
            raise NameResolutionError(self.host, self, reason) from fault  # type: ignore[arg-type]
        return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _HTTPConnection(_Deadlined, HTTPConnection):  # type: ignore[misc]
    pass


class _HTTPSConnection(_Deadlined, HTTPSConnection):  # type: ignore[misc]
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """Transport adapter of `requests` whose connections enforce the deadline of the call. It retries nothing by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
