"""Transport adapter for `requests` that connects a session to the emulator without a socket."""

import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import IncompleteRead, ProtocolError
from urllib3.response import HTTPResponse

from ..fake import FakeInstantly
from ..wire import Fault, Request, Response


class InstantlyAdapter(BaseAdapter):
    """Passes prepared requests to the emulator and returns its responses.

    Faults appear as over a network: a reset raises ``requests.ConnectionError``, a truncated body fails while it is
    read (``ChunkedEncodingError``), a delay beyond the read timeout raises ``requests.ReadTimeout``. Delays use the
    emulator's clock: a manual clock moves, the system clock really waits.
    """

    def __init__(self, fake: FakeInstantly) -> None:
        super().__init__()
        self._fake = fake

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        response = self._fake.handle(_to_wire(request))
        fault = response.fault
        read_timeout = timeout[1] if isinstance(timeout, tuple) else timeout
        if fault is not None and fault.kind == "reset":
            raise requests.ConnectionError(
                ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")),
                request=request,
            )
        if fault is not None and fault.kind in ("hang", "drip"):
            self._wait(fault.seconds, read_timeout, request)
        received = _from_wire(request, response, self._body(response, fault, read_timeout, request))
        if not stream:
            received.content  # noqa: B018  # read now, as requests does, so that a truncated body fails here
        return received

    def close(self) -> None:
        """Do nothing: there is no connection to close."""

    def _wait(self, seconds: float, read_timeout: float | None, request: requests.PreparedRequest) -> None:
        if read_timeout is not None and seconds > read_timeout:
            self._fake.clock.sleep(read_timeout)
            raise requests.ReadTimeout(f"Read timed out. (read timeout={read_timeout})", request=request)
        self._fake.clock.sleep(seconds)

    def _body(
        self, response: Response, fault: Fault | None, read_timeout: float | None, request: requests.PreparedRequest
    ) -> io.RawIOBase:
        if fault is not None and fault.kind == "truncate":
            return _TruncatedBody(response.body)
        if fault is not None and fault.kind == "drip":
            piece = max(1, len(response.body) // fault.pieces)
            return _DrippingBody(response.body, piece, lambda: self._wait(fault.seconds, read_timeout, request))
        return io.BytesIO(response.body)  # type: ignore[return-value]


def _to_wire(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    if not isinstance(body, str | bytes):
        body = b"".join(body)
    return Request(
        method=request.method or "GET",
        path=parts.path,
        query=parts.query,
        headers={str(name).lower(): str(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else body,
    )


def _from_wire(request: requests.PreparedRequest, response: Response, body: io.RawIOBase) -> requests.Response:
    headers = {"Content-Type": response.content_type, **response.headers}
    headers["Content-Length"] = str(len(response.body))
    raw = HTTPResponse(
        body=body,
        headers=headers,
        status=response.status,
        preload_content=False,
        decode_content=False,
        request_method=request.method,
    )
    received = requests.Response()
    received.status_code = response.status
    received.headers = CaseInsensitiveDict(headers)
    received.encoding = get_encoding_from_headers(received.headers)
    received.raw = raw
    received.reason = raw.reason or ""
    received.url = request.url or ""
    received.request = request
    return received


class _TruncatedBody(io.RawIOBase):
    """Half of the body, then a closed connection."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._half = io.BytesIO(body[: len(body) // 2])
        self._missing = len(body) - len(body) // 2

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if data := self._half.read(size):
            return data
        raise ProtocolError("Connection broken", IncompleteRead(self._half.tell(), self._missing))


class _DrippingBody(io.RawIOBase):
    """The body in small pieces, with a delay before each."""

    def __init__(self, body: bytes, piece: int, wait: Callable[[], None]) -> None:
        super().__init__()
        self._body, self._piece, self._wait = io.BytesIO(body), piece, wait

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size >= 0:
            self._wait()
            return self._body.read(min(self._piece, size))
        everything = b""
        while piece := self.read(self._piece):
            everything += piece
        return everything
