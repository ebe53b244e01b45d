"""Plain data types of the emulator's interfaces: requests, responses, refusals, faults, deliveries."""

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import parse_qs

STATUS_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
FaultKind = Literal["status", "reset", "truncate", "drip", "hang", "garbage", "oversize", "redirect", "same_cursor"]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; header names are lower case."""

    method: str
    path: str  # still percent-encoded
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    def parameters(self) -> dict[str, list[str]]:
        return parse_qs(self.query, keep_blank_values=True)


class Refusal(Exception):
    """An error response in Fastify's shape; ``body`` replaces the usual envelope where the document shows another."""

    def __init__(
        self, status: int, message: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = body or {"statusCode": status, "error": STATUS_NAMES.get(status, "Error"), "message": message}
        self.headers = headers or {}


@dataclass
class Fault:
    """One kind of failure for the next ``times`` requests of this method whose path matches the pattern (``*``, ``?``).

    status: return ``status`` (with ``Retry-After: retry_after`` unless None); reset: close the connection before
    responding; truncate: announce the full length, send half and close; drip: send in pieces, ``seconds`` apart; hang:
    wait ``seconds`` before responding; garbage: 200 with a body that is not JSON; oversize: 200 with ``size`` bytes
    of JSON; redirect: 302 to ``location``; same_cursor: a page whose cursor equals the requested one.
    """

    kind: FaultKind
    times: int = 1
    method: str = "*"
    path: str = "*"
    status: int = 500
    retry_after: float | str | None = None
    seconds: float = 1.0
    pieces: int = 10
    size: int = 50_000_000
    location: str = "http://127.0.0.1:9/elsewhere"
    message: str | None = None
    workspace: str | None = None  # id of the key's workspace; None: any
    done: bool = False  # status and reset: the operation is carried out first, only its response is lost
    used: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"No such fault: {self.kind}. There are: {', '.join(FAULT_KINDS)}.")

    def matches(self, request: Request, workspace_id: str | None) -> bool:
        return (
            self.times > 0
            and self.method in ("*", request.method)
            and fnmatch.fnmatchcase(request.path, self.path)
            and self.workspace in (None, workspace_id)
        )

    @property
    def skips_operation(self) -> bool:
        """True if the operation is not carried out at all."""
        return self.kind in ("status", "reset") and not self.done

    def refusal(self) -> Refusal:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        usual = {429: "Rate limit exceeded"}
        return Refusal(self.status, self.message or usual.get(self.status, "Fault on demand"), headers=headers)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response as bytes. The adapter and the server apply ``fault`` while they send it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of one delivery attempt: a status code, or the error (in axios' words) if there is none."""

    status_code: int | None = None
    error: str | None = None

    @property
    def success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def error_message(self) -> str | None:
        if self.success:
            return None
        return self.error or f"Request failed with status code {self.status_code}"


Transport = Callable[[str, bytes, Mapping[str, str], float], DeliveryResult]
"""(url, body, headers, timeout in seconds) -> DeliveryResult. Must not raise."""
