"""Perform one HTTP call to Instantly: rate limit, send, bounded read, decode, retry where safe."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
import requests

from instantly.client.errors import BodyTooLarge, BrokenBody, InstantlyError, Redirected, error_for_status
from instantly.client.errors import error_without_answer as without_answer
from instantly.client.retry import Deadline, parse_retry_after, retrying
from instantly.client.sentences import sentence

from . import error_mapping
from .addressing import base_of, header_value, known, path_of
from .api_key import Key
from .deadline_adapter import DeadlineAdapter, holding_to
from .decoding import decode
from .operations import Operation
from .rate_limit import LocalRateBudget, RateBudget
from .values import query_pairs

log = logging.getLogger("instantly.client")

CONNECT_SECONDS = 5.0
PATIENCE_SECONDS = 15.0  # longest silence of one attempt, so that a hanging server leaves time for a second try
EMAILS_QUEUE_SECONDS = 75.0  # 20 a minute: the longest honest wait for a turn is a minute
MAX_BODY = 32 * 1024 * 1024  # bytes after decompression; a page of 100 mails is usually under 5 MB
_MAX_ERROR_BODY = 64 * 1024
_CHUNK = 64 * 1024


def _user_agent() -> str:
    try:
        return f"Salesbrain/{version('salesbrain')}"
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "Salesbrain/1"


Observe = Callable[[str], AbstractContextManager[object]]
"""Returns, for the operation of a request (such as GET /api/v2/campaigns/{id}), a context manager that the request runs in."""

_NOTHING = nullcontext()


def unobserved(operation: str) -> AbstractContextManager[object]:
    return _NOTHING


class _Reply(NamedTuple):
    """Status, headers and body of a response, with the API key redacted, because tracebacks may show it."""

    status: int
    kind: str  # media type
    location: str
    retry_after: str
    body: bytes
    whole: bool  # False when the body was larger than we accept; it is empty then


class Transport:
    """HTTP transport: knows nothing of campaigns. Used by one thread at a time, as requests' sessions are."""

    def __init__(
        self,
        key: Key,
        *,
        base_url: str,
        workspace: str | None,
        budget: RateBudget | None,
        session: requests.Session | None,
        deadline: float,
        max_body: int,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        observe: Observe = unobserved,
    ) -> None:
        self._key = key
        self.base_url, self._local = base_of(base_url)
        self.workspace = workspace
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": _user_agent()}
        if workspace is not None:
            self._headers["x-as-workspace"] = header_value(workspace)
        self._budget: RateBudget = budget if budget is not None else LocalRateBudget(clock=clock, sleep=sleep)
        self._own_session = session is None
        self._session = session if session is not None else _new_session()
        self._deadline, self._max_body, self._sleep, self._clock = deadline, max_body, sleep, clock
        self._observe = observe
        self._outer: Deadline | None = None
        self.requests_sent = 0

    def close(self) -> None:
        if self._own_session:
            self._session.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        before, self._outer = self._outer, Deadline(seconds, self._clock, outer=self._outer)
        try:
            yield
        finally:
            self._outer = before

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send one call and return the decoded JSON of its response, None when it has no content.

        ``path`` fills the operation's path, parameters that are missing in ``query`` and ``body`` or None are not sent (but a body field
        set to None is sent as null). Raises InstantlyError; TypeError and ValueError for arguments that are wrong before anything is sent.
        """
        url = self.base_url + path_of(operation, path or {})
        pairs = query_pairs(known(operation, "query parameter", operation.query, query or {}))
        data = None
        if operation.body is not None:
            data = orjson.dumps(known(operation, "field", operation.body, body or {}))
        deadline = Deadline(self._deadline, self._clock, outer=self._outer)
        controller = retrying(str(operation), safe=operation.safe, deadline=deadline, sleep=self._sleep)
        return controller(self._attempt, operation, url, pairs, data, deadline)

    def _attempt(
        self, operation: Operation, url: str, pairs: list[tuple[str, str]], data: bytes | None, deadline: Deadline
    ) -> Any:
        self._queue(operation, deadline)
        self.requests_sent += 1
        with self._observe(str(operation)):
            return self._ask(operation, url, pairs, data, deadline)

    def _ask(
        self, operation: Operation, url: str, pairs: list[tuple[str, str]], data: bytes | None, deadline: Deadline
    ) -> Any:
        began = time.perf_counter()
        reply = self._exchange(operation, url, pairs, data, deadline)
        log.debug("%s: %s in %.0f ms", operation, reply.status, (time.perf_counter() - began) * 1000)
        if not 200 <= reply.status < 300:
            raise self._refusal(operation, reply)
        if not reply.whole:
            raise self._too_large(operation, reply)
        return self._decoded(operation, reply) if reply.body else None

    def _queue(self, operation: Operation, deadline: Deadline) -> None:
        """Wait for the rate limit. Waiting does not count as time of the call: the list of mails allows only 20 requests a minute."""
        if deadline.left() > 0 and operation.budget == "emails":
            with deadline.paused():
                self._budget.acquire("emails", timeout=min(EMAILS_QUEUE_SECONDS, deadline.outer_left()))
        elif deadline.left() > 0:
            self._budget.acquire(operation.budget, timeout=deadline.left())
        if deadline.left() <= 0:
            raise error_mapping.out_of_time(str(operation), deadline=deadline)

    def _exchange(
        self, operation: Operation, url: str, pairs: list[tuple[str, str]], data: bytes | None, deadline: Deadline
    ) -> _Reply:
        """Send one request and read its response.

        A fault of the libraries becomes ours *after* its handler has ended, so that no ``__context__`` leads to a
        requests exception, which holds the request with its Authorization header.
        """
        try:
            with holding_to(deadline, PATIENCE_SECONDS):
                return self._read(self._send(operation, url, pairs, data, deadline), deadline)
        except InstantlyError:
            raise
        except error_mapping.FAULTS as fault:
            error = error_mapping.error_for_fault(fault, str(operation), safe=operation.safe, deadline=deadline)
        log.debug("%s: %s", operation, type(error).__name__)
        raise error

    def _send(
        self, operation: Operation, url: str, pairs: list[tuple[str, str]], data: bytes | None, deadline: Deadline
    ) -> requests.Response:
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        request = self._session.prepare_request(
            requests.Request(operation.method, url, params=pairs, data=data, headers=headers, auth=self._key)
        )
        target = request.url or url
        # Certificates are verified even if somebody switched that off on the session they gave us.
        verify = self._session.verify or True
        settings: dict[str, Any] = dict(self._session.merge_environment_settings(target, {}, True, verify, None))
        if self._local:
            settings["proxies"] = {}  # the key does not go to a proxy in clear text
        # The adapter itself, not session.send(): that one follows redirects, or reads them whole to prepare for it.
        timeout = (deadline.share(CONNECT_SECONDS), deadline.share(PATIENCE_SECONDS))
        return self._session.get_adapter(target).send(request, timeout=timeout, **settings)

    def _read(self, response: requests.Response, deadline: Deadline) -> _Reply:
        success = 200 <= response.status_code < 300
        limit = self._max_body if success else _MAX_ERROR_BODY
        body: bytes | None = b""
        try:
            body = _bounded(response, limit, deadline)
        except error_mapping.FAULTS:
            if success:
                raise
            # For a refusal the status says enough.
        finally:
            response.close()
        header = response.headers.get
        kind, location, pause = (
            self._key.hide_in(header(name, "")) for name in ("Content-Type", "Location", "Retry-After")
        )
        hidden = self._key.hide_in_bytes(body or b"")
        return _Reply(response.status_code, kind, location, pause, hidden, body is not None)

    def _too_large(self, operation: Operation, reply: _Reply) -> InstantlyError:
        what = sentence("fault.answer_too_large", kib=self._max_body // 1024)
        return without_answer(
            BodyTooLarge, what, str(operation), advice="advice.less",
            safe=operation.safe, status=reply.status, retryable=False,
        )  # fmt: skip

    def _decoded(self, operation: Operation, reply: _Reply) -> Any:
        kind = reply.kind.partition(";")[0].strip().lower()
        if kind and kind not in ("application/json", "text/json") and not kind.endswith("+json"):
            what = sentence("fault.no_json", kind=self._key.clean(kind, 60))
        else:
            try:
                return decode(reply.body)
            except ValueError as fault:
                what = sentence("fault.bad_json", reason=self._key.clean(str(fault)))
        raise without_answer(
            BrokenBody, what, str(operation), status=reply.status,
            advice="advice.base_url", safe=operation.safe,
        )  # fmt: skip

    def _refusal(self, operation: Operation, reply: _Reply) -> InstantlyError:
        if 300 <= reply.status < 400:
            host = self._key.clean(_host(reply.location), 100) or sentence("provider.elsewhere")
            text = sentence("provider.redirected", call=str(operation), host=host, status=reply.status)
            return Redirected(text, status=reply.status)
        return error_for_status(
            reply.status,
            str(operation),
            said=self._key.clean(_message(reply.body)),
            scope=operation.scope,
            retry_after=parse_retry_after(reply.retry_after),
            safe=operation.safe,
        )


def _new_session() -> requests.Session:
    session = requests.Session()
    adapter = DeadlineAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _bounded(response: requests.Response, limit: int, deadline: Deadline) -> bytes | None:
    """Return the decompressed body, None when it is larger than ``limit`` bytes; the rest is then not read."""
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > limit:
        return None
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        deadline.share(0)  # for adapters that are not ours
        parts.append(part)
        size += len(part)
        if size > limit:
            return None
    return b"".join(parts)


def _host(location: str) -> str:
    try:
        return urlsplit(location).hostname or ""
    except ValueError:
        return ""


def _message(body: bytes) -> str:
    """Return Instantly's own message from an error body, which comes in three shapes (see instantly-api: errors)."""
    try:
        answer = decode(body)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    said = answer.get("message") or answer.get("error") or ""
    return said if isinstance(said, str) else orjson.dumps(said).decode()[:1000]
