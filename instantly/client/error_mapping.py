"""Map faults of the HTTP libraries to our errors.

Only this table's phrase goes into our error, nothing of the fault itself: its text may contain addresses, and its ``request`` contains the
Authorization header.
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

FAULTS: tuple[type[Exception], ...] = (requests.RequestException, lib.HTTPError, http.client.HTTPException, OSError)


class _Meaning(NamedTuple):
    cause: type[BaseException] | tuple[type[BaseException], ...]
    kind: type[InstantlyError]
    what: str
    sent: bool = True  # whether Instantly may have received the request


_ADVICE = {
    NetworkError: "check this machine's network and Instantly's status page, then try again",
    CallTimeout: "try again in a few minutes",
    TLSFailed: "check the base URL, this machine's clock and its certificates",
    BrokenBody: "try again later, and look for a proxy in between",
}

# The first line that matches anything in the fault's chain counts, so the specific ones stand first.
# (urllib3 has made NewConnectionError a ConnectTimeoutError.)
_MEANINGS = (
    _Meaning(ssl.SSLCertVerificationError, TLSFailed, "the TLS certificate of the host could not be verified", False),
    _Meaning(lib.NameResolutionError, NetworkError, "the name of the host could not be resolved", False),
    _Meaning(ConnectionRefusedError, NetworkError, "the host refused the connection", False),
    _Meaning(lib.NewConnectionError, NetworkError, "no connection to the host could be made", False),
    _Meaning(lib.ConnectTimeoutError, CallTimeout, "the host did not accept a connection in time", False),
    _Meaning(lib.ProxyError, NetworkError, "the proxy did not connect us", False),
    _Meaning(ssl.SSLError, NetworkError, "the TLS connection failed"),
    _Meaning((lib.ReadTimeoutError, TimeoutError), CallTimeout, "the answer did not arrive in time"),
    _Meaning((http.client.IncompleteRead, lib.IncompleteRead), NetworkError, "the answer broke off in the middle"),
    _Meaning((ConnectionError, http.client.RemoteDisconnected), NetworkError, "the other side cut the connection"),
    _Meaning((lib.DecodeError, requests.exceptions.ContentDecodingError), BrokenBody, "the answer is badly compressed"),
    _Meaning(http.client.HTTPException, NetworkError, "what came back is not HTTP"),
    _Meaning(BaseException, NetworkError, "the connection failed"),
)


def error_for_fault(fault: BaseException, call: str, *, safe: bool, deadline: Deadline) -> InstantlyError:
    """Our error for a fault met while sending or reading. Does not refer to ``fault``."""
    meaning = _meaning_of(fault)
    if deadline.outer_left() <= 0:
        return _run_is_over(call, safe=safe, sent=meaning.sent)
    kind, what, sent = meaning.kind, meaning.what, meaning.sent
    if kind is CallTimeout and deadline.left() <= 0:
        what = f"the answer was not complete within the {deadline.seconds:.0f} s a call has"
    if kind is TLSFailed:
        return without_answer(kind, what, call, advice=_ADVICE[kind], safe=safe, sent=sent, retryable=False)
    return without_answer(kind, what, call, advice=_ADVICE[kind], safe=safe, sent=sent)


def out_of_time(call: str, *, deadline: Deadline) -> InstantlyError:
    """The error for a call whose time was over before anything was sent."""
    if deadline.outer_left() <= 0:
        return _run_is_over(call, safe=True, sent=False)
    what = f"the {deadline.seconds:.0f} s a call has went by in waiting for a turn"
    return without_answer(CallTimeout, what, call, advice=_ADVICE[CallTimeout], safe=True, sent=False)


def _run_is_over(call: str, *, safe: bool, sent: bool) -> InstantlyError:
    what, advice = "the time given for this run is over", "start it again later, or give it more time"
    return without_answer(OutOfTime, what, call, advice=advice, safe=safe, sent=sent)


def _meaning_of(fault: BaseException) -> _Meaning:
    chain = list(_chain(fault))
    return next(meaning for meaning in _MEANINGS if any(isinstance(link, meaning.cause) for link in chain))


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """The fault and everything it wraps: requests and urllib3 keep causes in arguments as well as in the chain."""
    waiting: list[object] = [fault]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
