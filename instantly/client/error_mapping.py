"""Map faults of the HTTP libraries (requests, urllib3) to the client's own exceptions.

Our error contains the sentence of this table and nothing of the library's exception, whose text may hold addresses and whose ``request``
contains the Authorization header.
"""

import http.client
import ssl
from collections.abc import Iterator
from typing import NamedTuple

import requests
import urllib3.exceptions as lib

from instantly.client.errors import BrokenBody, CallTimeout, InstantlyError, NetworkError, OutOfTime, TLSFailed
from instantly.client.errors import error_without_answer as without_answer
from instantly.client.retry import Deadline
from instantly.client.sentences import sentence

FAULTS: tuple[type[Exception], ...] = (requests.RequestException, lib.HTTPError, http.client.HTTPException, OSError)


class _Meaning(NamedTuple):
    cause: type[BaseException] | tuple[type[BaseException], ...]
    kind: type[InstantlyError]
    what: str  # key of a sentence
    sent: bool = True  # whether Instantly may have received the request


_ADVICE = {
    NetworkError: "advice.network",
    CallTimeout: "advice.later",
    TLSFailed: "advice.certificate",
    BrokenBody: "advice.proxy",
}

# The first line that matches anything in the fault's chain counts, so the specific ones stand first.
# (urllib3 has made NewConnectionError a ConnectTimeoutError.)
_MEANINGS = (
    _Meaning(ssl.SSLCertVerificationError, TLSFailed, "fault.certificate", False),
    _Meaning(lib.NameResolutionError, NetworkError, "fault.name", False),
    _Meaning(ConnectionRefusedError, NetworkError, "fault.refused", False),
    _Meaning(lib.NewConnectionError, NetworkError, "fault.no_connection", False),
    _Meaning(lib.ConnectTimeoutError, CallTimeout, "fault.connect_timeout", False),
    _Meaning(lib.ProxyError, NetworkError, "fault.proxy", False),
    _Meaning(ssl.SSLError, NetworkError, "fault.tls"),
    _Meaning((lib.ReadTimeoutError, TimeoutError), CallTimeout, "fault.read_timeout"),
    _Meaning((http.client.IncompleteRead, lib.IncompleteRead), NetworkError, "fault.broken_off"),
    _Meaning((ConnectionError, http.client.RemoteDisconnected), NetworkError, "fault.cut"),
    _Meaning((lib.DecodeError, requests.exceptions.ContentDecodingError), BrokenBody, "fault.compression"),
    _Meaning(http.client.HTTPException, NetworkError, "fault.no_http"),
    _Meaning(BaseException, NetworkError, "fault.connection"),
)


def error_for_fault(fault: BaseException, call: str, *, safe: bool, deadline: Deadline) -> InstantlyError:
    """Return the client's error for a fault of the HTTP libraries met while sending or reading. Does not refer to ``fault``."""
    meaning = _meaning_of(fault)
    if deadline.outer_left() <= 0:
        return _run_is_over(call, safe=safe, sent=meaning.sent)
    kind, what, sent = meaning.kind, sentence(meaning.what), meaning.sent
    if kind is CallTimeout and deadline.left() <= 0:
        what = sentence("fault.incomplete", seconds=f"{deadline.seconds:.0f}")
    if kind is TLSFailed:
        return without_answer(kind, what, call, advice=_ADVICE[kind], safe=safe, sent=sent, retryable=False)
    return without_answer(kind, what, call, advice=_ADVICE[kind], safe=safe, sent=sent)


def out_of_time(call: str, *, deadline: Deadline) -> InstantlyError:
    """Return the error for a call whose deadline passed before anything was sent."""
    if deadline.outer_left() <= 0:
        return _run_is_over(call, safe=True, sent=False)
    what = sentence("fault.waited", seconds=f"{deadline.seconds:.0f}")
    return without_answer(CallTimeout, what, call, advice=_ADVICE[CallTimeout], safe=True, sent=False)


def _run_is_over(call: str, *, safe: bool, sent: bool) -> InstantlyError:
    what = sentence("fault.run_over")
    return without_answer(OutOfTime, what, call, advice="advice.again", safe=safe, sent=sent)


def _meaning_of(fault: BaseException) -> _Meaning:
    chain = list(_chain(fault))
    return next(meaning for meaning in _MEANINGS if any(isinstance(link, meaning.cause) for link in chain))


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """Return the fault and everything it wraps: requests and urllib3 keep causes in arguments as well as in the chain."""
    waiting: list[object] = [fault]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
