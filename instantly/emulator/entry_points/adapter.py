"""The door for tests: a requests transport adapter. Whatever the base address, the emulator answers."""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import IncompleteRead, ProtocolError
from urllib3.response import HTTPResponse

from ..api.routing import Request, Response

if TYPE_CHECKING:
    from ..fake import FakeInstantly
    from ..faults import Fault


class InstantlyAdapter(BaseAdapter):
    """Carries a prepared request into the emulator and its response back, without any socket.

    Faults look as they do over a wire: a reset raises ``requests.ConnectionError``, a cut body fails while it is read
    (``ChunkedEncodingError``), waiting beyond the read timeout raises ``requests.ReadTimeout``. Waiting itself is the
    emulator's clock's business: a manual one moves, the machine's really waits.
    """

    def __init__(self, fake: "FakeInstantly") -> None:
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
        response = self._fake.handle(_read(request))
        fault = response.trouble
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if fault is not None and fault.kind == "reset":
            raise requests.ConnectionError(
                ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")),
                request=request,
            )
        if fault is not None and fault.kind in ("hang", "drip"):
            self._wait(fault.seconds, patience, request)
        answer = _written(request, response, self._body(response, fault, patience, request))
        if not stream:
            answer.content  # noqa: B018  # read now, as requests does, so that a cut body fails here
        return answer

    def close(self) -> None:
        """Nothing to close."""

    def _wait(self, seconds: float, patience: float | None, request: requests.PreparedRequest) -> None:
        if patience is not None and seconds > patience:
            self._fake.clock.sleep(patience)
            raise requests.ReadTimeout(f"Read timed out. (read timeout={patience})", request=request)
        self._fake.clock.sleep(seconds)

    def _body(
        self, response: Response, fault: "Fault | None", patience: float | None, request: requests.PreparedRequest
    ) -> io.RawIOBase:
        if fault is not None and fault.kind == "truncate":
            return _Cut(response.body)
        if fault is not None and fault.kind == "drip":
            piece = max(1, len(response.body) // fault.pieces)
            return _Drip(response.body, piece, lambda: self._wait(fault.seconds, patience, request))
        return io.BytesIO(response.body)  # type: ignore[return-value]


def _read(request: requests.PreparedRequest) -> Request:
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


def _written(request: requests.PreparedRequest, response: Response, body: io.RawIOBase) -> requests.Response:
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
    answer = requests.Response()
    answer.status_code = response.status
    answer.headers = CaseInsensitiveDict(headers)
    answer.encoding = get_encoding_from_headers(answer.headers)
    answer.raw = raw
    answer.reason = raw.reason or ""
    answer.url = request.url or ""
    answer.request = request
    return answer


class _Cut(io.RawIOBase):
    """Half of the body, then the end of the connection."""

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


class _Drip(io.RawIOBase):
    """The body a few bytes at a time, with a wait before each."""

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
