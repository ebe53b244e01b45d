"""WSGI wrapper that limits concurrent requests per kind and body sizes, and cuts slow clients.

Small responses are handed to the app server whole, and the thread is free at once. Large or streamed ones are sent piece by piece
by a thread that waits for the reader; it has left its lane (lanes.py) by then, so that readers do not block working requests.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import Any

from salesbrain.kernel import access_log
from salesbrain.kernel.serving import chunked
from salesbrain.kernel.serving.lanes import Budget, Full, Lane, PerKey
from salesbrain.kernel.serving.lending import Lender, NoneLeft
from salesbrain.kernel.serving.patience import Input, Patience
from salesbrain.kernel.serving.refusals import (
    BUSY,
    REFUSALS,
    TOO_LARGE,
    TOO_MANY_STREAMS,
    UNKNOWN_CODING,
    UNREADABLE,
    Words,
    body,
    language,
)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

SMALL = 256 * 1024
"""Bytes up to which a request body needs no budget and a response is passed on whole."""

PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a process. `lane_of`: the lane of a request by path and method, None if it is not limited here."""

    lane_of: Callable[[str, str], Lane | None]
    streams: Lane
    streams_of_an_address: PerKey
    bodies: Budget  # of requests in lanes
    answers: Budget  # large ones that are not streamed
    lends: Lender  # to a stream, for as long as it makes its next piece
    patience: Patience
    longest: int = 12 * 1024 * 1024  # bytes of a body that comes in chunks


def with_bounds(application: Application, bounds: Bounds) -> Application:
    """Wrap a WSGI application with limits. Excess requests get 503, or 429 if the caller alone is the cause."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            in_chunks = chunked.is_chunked(environ)
        except chunked.UnknownCoding:
            return refuse(environ, start_response, 400, UNKNOWN_CODING)
        length = content_length(environ)
        if length or in_chunks:
            known = None if in_chunks else length
            environ["wsgi.input"] = Input(environ["wsgi.input"], bounds.patience, monotonic(), known)
        lane = bounds.lane_of(environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", ""))
        if lane is None:
            return application(environ, start_response)
        try:
            if not lane.lends:  # monitors: their answers are small
                lane.take()
                try:
                    return application(environ, start_response)
                finally:
                    lane.give_back()
            return _answer(application, environ, start_response, bounds, lane, length)
        except (Full, NoneLeft) as error:
            return refuse(environ, start_response, 503, BUSY, getattr(error, "retry_after", 5))

    return answer


def refuse(
    environ: Environ, start_response: StartResponse, status: int, words: Words, number: int | None = None
) -> Iterable[bytes]:
    """Respond with a refusal: JSON below /api/ and for webhooks, else a line of text.

    In the language that the client accepts. `number`: the number in the sentence, seconds to wait or, for 413, the maximum of bytes.
    """
    phrase, code = REFUSALS[status]
    path = environ.get("PATH_INFO", "")
    spoken = language(path, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    as_json = path.startswith(("/api/", "/webhooks/"))
    answer = body(words, number, code, spoken, as_json)
    headers = [
        ("Cache-Control", "no-store"),
        ("Content-Language", spoken),
        ("Content-Length", str(len(answer))),
        ("Content-Type", "application/json" if as_json else "text/plain; charset=utf-8"),
        ("Vary", "Accept-Language"),
    ]
    if status in (429, 503):
        headers.append(("Retry-After", str(number)))
    access_log.refusals.write(environ, status, monotonic())
    start_response(f"{status} {phrase}", headers)
    return [answer]


def _answer(
    application: Application,
    environ: Environ,
    start_response: StartResponse,
    bounds: Bounds,
    lane: Lane,
    length: int,
) -> Iterable[bytes]:
    with ExitStack() as held:
        held.enter_context(lane.place())
        if length > SMALL:
            if not bounds.bodies.take(length, until=monotonic() + lane.patience):
                raise Full("bodies")
            held.callback(bounds.bodies.give_back, length)
        if "HTTP_TRANSFER_ENCODING" in environ and (refused := _take_chunks(environ, bounds, lane, held)):
            return refuse(environ, start_response, *refused)
        answer = application(environ, start_response)
        if not _is_streamed(answer):
            pieces = list(answer)
            _close(answer)
            whole = b"".join(pieces) if len(pieces) != 1 else pieces[0]
            if len(whole) <= SMALL:
                return [whole]
            answer = _Whole(whole)
            del pieces, whole
    return _send(answer, environ, start_response, bounds)


def _take_chunks(environ: Environ, bounds: Bounds, lane: Lane, held: ExitStack) -> tuple[int, Words, int | None] | None:
    """Read a chunked body and give it a length; return status, sentence and number of a refusal if it is too large.

    As its length is unknown, memory for the largest permitted body is reserved as soon as it exceeds the size of a small one.
    """
    try:
        read = environ["wsgi.input"].read
        taken = chunked.read_up_to(read, SMALL)
        if len(taken) > SMALL:
            if not bounds.bodies.take(bounds.longest, until=monotonic() + lane.patience):
                raise Full("bodies")
            held.callback(bounds.bodies.give_back, bounds.longest)
            taken = chunked.read_up_to(read, bounds.longest, begun=taken)
    except OSError:
        return 400, UNREADABLE, None
    if len(taken) > bounds.longest:
        return 413, TOO_LARGE, bounds.longest
    chunked.with_length(environ, taken)
    return None


def _send(answer: Iterable[bytes], environ: Environ, start_response: StartResponse, bounds: Bounds) -> Iterable[bytes]:
    """Return a large or streamed response, counted until it is closed."""
    address = environ.get("REMOTE_ADDR", "")
    with ExitStack() as held:
        held.callback(_close, answer)
        if not bounds.streams_of_an_address.take(address):
            held.close()
            return refuse(environ, start_response, 429, TOO_MANY_STREAMS, round(bounds.patience.seconds))
        held.callback(bounds.streams_of_an_address.give_back, address)
        bounds.streams.take()
        held.callback(bounds.streams.give_back)
        if isinstance(answer, _Whole):
            if not bounds.answers.take(answer.size, until=monotonic() + 2):
                raise Full("answers")
            held.callback(bounds.answers.give_back, answer.size)
            return _Sent(iter(answer), held.pop_all(), None)
        return _Sent(iter(answer), held.pop_all(), bounds.lends)


class _Whole:
    """Iterable that yields a large response in pieces."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.size = len(body)

    def __iter__(self) -> Iterator[bytes]:
        for begin in range(0, self.size, PIECE):
            yield self._body[begin : begin + PIECE]

    def close(self) -> None:
        self._body = b""


class _Sent:
    """Iterable for the app server; `close` releases everything held for the response."""

    def __init__(self, pieces: Iterator[bytes], held: ExitStack, lends: Lender | None) -> None:
        self._pieces, self._held, self._lends = pieces, held, lends

    def __iter__(self) -> "_Sent":
        return self

    def __next__(self) -> bytes:
        if self._lends is None:
            return next(self._pieces)
        with self._lends.lent():
            return next(self._pieces)

    def close(self) -> None:
        self._held.close()


def _is_streamed(answer: Iterable[bytes]) -> bool:
    """Return whether a response is streamed, as Django's responses declare; a small file is not."""
    if not getattr(answer, "streaming", False):
        return False
    headers: Mapping[str, str] = getattr(answer, "headers", {})
    size = headers.get("Content-Length", "")
    return not (size.isascii() and size.isdigit() and len(size) < 10 and int(size) <= SMALL)


def content_length(environ: Environ) -> int:
    """Return the Content-Length of a request; 0 if it is missing or invalid."""
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _close(answer: Iterable[bytes]) -> None:
    close = getattr(answer, "close", None)
    if close:
        close()
