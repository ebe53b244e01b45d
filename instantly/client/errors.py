"""Exceptions of the Instantly client, all with one base class.

Callers branch on the class or on the attributes, never on the text. The text is one sentence for people: what happened, why, and
what to do next. No error carries the API key, a request, a response or an exception of the HTTP libraries (those keep the request's
headers), so an error may be logged, stored and shown.
"""

from collections.abc import Callable
from typing import Any

from instantly.client.sentences import UNCERTAIN, Sentence, sentence


class InstantlyError(Exception):
    """Base of all errors of the Instantly client.

    ``status``       HTTP status of the answer, None when there was none.
    ``retry_after``  seconds Instantly asked us to wait, None when it did not say.
    ``retryable``    True when the same call may be repeated later without harm and could then succeed.
    ``uncertain``    True for a write whose outcome is unknown: look at Instantly before repeating it.
    ``message``      the sentence, also ``str(error)``; of ours it is a Sentence, which knows its key and parameters.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        retryable: bool = False,
        uncertain: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.retryable = retryable
        self.uncertain = uncertain

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Callable[..., "InstantlyError"], tuple[Any, ...]]:
        facts = {name: getattr(self, name) for name in ("status", "retry_after", "retryable", "uncertain")}
        return _rebuild, (type(self), self.message, facts)


def _rebuild(kind: type[InstantlyError], message: str, facts: dict[str, Any]) -> InstantlyError:
    return kind(message, **facts)


# What Instantly answered with a status.


class BadRequest(InstantlyError, ValueError):
    """400: the data of the request is wrong."""


class InvalidKey(InstantlyError):
    """401: the API key is missing, wrong or revoked. Permanent until somebody stores another one."""


class PaymentRequired(InstantlyError):
    """402: the workspace has no paid plan. Permanent until the customer pays."""


class Forbidden(InstantlyError):
    """403: the key lacks a scope, the plan lacks the feature, or Instantly's edge blocked the request."""


class NotFound(InstantlyError, LookupError):
    """404: no such object in this workspace (an object of another workspace is answered the same)."""


class Conflict(InstantlyError):
    """409: the change contradicts the present state, such as a second label of one name."""


class PayloadTooLarge(InstantlyError):
    """413: the request is too large."""


class RateLimited(InstantlyError):
    """429: too many requests. The only refusal after which a write is repeated: it was not carried out."""


class ServerError(InstantlyError):
    """5xx: Instantly failed. A write may have been carried out all the same (``uncertain``)."""


class UnexpectedStatus(InstantlyError):
    """Error: Instantly answered with a status that its API does not document."""


class Redirected(InstantlyError):
    """3xx: the answer points elsewhere. Never followed: the key is for one host only."""


# What kept an answer from arriving, or from being one.


class NetworkError(InstantlyError, ConnectionError):
    """Error: the connection could not be made, or broke before the answer was complete."""


class TLSFailed(NetworkError):
    """Error: the host could not prove to be Instantly; never retried."""


class CallTimeout(InstantlyError, TimeoutError):
    """Error: the response was not complete within the time of one call."""


class OutOfTime(CallTimeout):
    """The time given by ``client.within(seconds=…)`` is over; stop and start again later."""


class BrokenBody(InstantlyError, ValueError):
    """Error: the response is not the JSON that was requested."""


class UnexpectedShape(BrokenBody):
    """The answer is JSON, but not in the shape this operation has."""


class BodyTooLarge(InstantlyError):
    """Error: the response exceeds the size we accept."""


class PaginationError(InstantlyError):
    """Error: the pages of a listing do not end (a repeated cursor, or too many pages)."""


# What we refuse ourselves.


class BudgetExhausted(InstantlyError):
    """Error: our own rate limit allowed no request in time; nothing was sent."""


class WrongWorkspace(InstantlyError):
    """Error: the key opens another workspace than the one the connection is pinned to."""


# status -> (class, key of its sentence)
_STATUSES: dict[int, tuple[type[InstantlyError], str]] = {
    400: (BadRequest, "provider.bad_request"),
    401: (InvalidKey, "provider.invalid_key"),
    402: (PaymentRequired, "provider.unpaid"),
    403: (Forbidden, "provider.forbidden"),
    404: (NotFound, "provider.not_found"),
    409: (Conflict, "provider.conflict"),
    413: (PayloadTooLarge, "provider.too_large"),
    429: (RateLimited, "provider.rate_limited"),
}


def error_for_status(
    status: int, call: str, *, said: str = "", scope: str = "", retry_after: float | None = None, safe: bool = True
) -> InstantlyError:
    """Return the error for an unsuccessful response.

    ``call`` names the operation ("GET /api/v2/campaigns"), ``said`` is the provider's message, already cleaned and
    bounded, ``scope`` the API key scope the operation needs if known, ``safe`` says that the operation changes nothing.
    """
    facts: dict[str, Any] = {"status": status, "retry_after": retry_after}
    words: dict[str, Any] = {"call": call, "said": f" ({said})" if said else ""}
    if status == 403:
        words["scope"] = sentence("provider.the_scope", scope=scope) if scope else sentence("provider.some_scope")
    if status == 429:
        words["pause"] = (
            sentence("provider.a_minute")
            if retry_after is None
            else sentence("provider.seconds", seconds=f"{retry_after:.0f}")
        )
    if status in _STATUSES:
        kind, key = _STATUSES[status]
        return kind(sentence(key, **words), retryable=status == 429, **facts)
    if status >= 500:
        advice = sentence("advice.later" if safe else UNCERTAIN)
        text = sentence("provider.failed", status=status, advice=advice, **words)
        return ServerError(text, retryable=safe, uncertain=not safe, **facts)
    return UnexpectedStatus(sentence("provider.unexpected_status", status=status, **words), **facts)


def error_without_answer(
    kind: type[InstantlyError],
    what: Sentence,
    call: str,
    *,
    advice: str,
    safe: bool,
    sent: bool = True,
    **facts: Any,
) -> InstantlyError:
    """Return the error for a call without a usable response; ``advice`` is the key of a sentence.

    A write that may have reached Instantly (``sent``) is ``uncertain`` and says so instead of giving ``advice``.
    """
    uncertain = sent and not safe
    facts.setdefault("retryable", not uncertain)
    told = sentence(UNCERTAIN if uncertain else advice)
    text = sentence("provider.no_answer", call=call, what=what, advice=told)
    return kind(text, uncertain=uncertain, **facts)
