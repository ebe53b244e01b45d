"""HTTP load generator of the benchmark: one thread, one epoll, keep-alive connections, prepared bytes.

Our own instead of wrk or a client library: every body differs, every response is checked, no package is needed, and with two system
calls a request it takes little of the two cores that it shares with the system under test (about 20 µs a request, not included in
the CPU results).
"""

import select
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

ANSWERED_WITHIN = 30.0
CHUNK = 1 << 20


@dataclass
class Outcome:
    """Result of sending requests. `latencies` in seconds, in the order of answers; `statuses` counts them; `answered_at` (with `keep`):
    request -> time."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    answered_at: dict[int, float] = field(default_factory=dict)
    received: int = 0  # bytes

    @property
    def accepted(self) -> int:
        return self.statuses[200]

    def milliseconds(self, percent: int) -> float:
        if len(self.latencies) < 2:
            return 1000 * sum(self.latencies)
        return 1000 * quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


def post(path: str, body: bytes, **headers: str) -> bytes:
    return (
        _request("POST", path, headers | {"Content-Type": "application/json", "Content-Length": str(len(body))}) + body
    )


def get(path: str, **headers: str) -> bytes:
    return _request("GET", path, headers)


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "X-Forwarded-Proto: https"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class _Wire:
    """One connection with at most one request in flight."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = -1
        self.sent_at = 0.0
        self.buffer = b""

    def send(self, number: int, request: bytes, at: float) -> None:
        self.number, self.sent_at, self.buffer = number, at, b""
        self.socket.sendall(request)

    def answer(self) -> tuple[int, int] | None:
        """Return (status, bytes) once the response is complete."""
        part = self.socket.recv(CHUNK)
        if not part:
            raise SystemExit("error: the server closed a connection in the middle of a measurement.")
        self.buffer = self.buffer + part if self.buffer else part
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        lower = self.buffer[:head].lower()
        at = lower.find(b"content-length:")
        if at < 0:
            if not lower.startswith((b"http/1.1 204", b"http/1.1 304")) and not self.buffer.endswith(b"0\r\n\r\n"):
                return None
            return int(self.buffer[9:12]), len(self.buffer)
        length = int(lower[at + 15 : (lower.find(b"\r\n", at) if b"\r\n" in lower[at:] else len(lower))])
        return (int(self.buffer[9:12]), len(self.buffer)) if len(self.buffer) >= head + 4 + length else None


def closed(port: int, requests: Sequence[bytes], *, connections: int, seconds: float, again: bool = False) -> Outcome:
    """Send requests for `seconds` over all connections; each connection sends its next one after the last response.

    `again` begins anew with the first request when all were sent, for reads; otherwise the turn ends early with the last request, and
    `Outcome.seconds` is its actual length, so that a fast machine that runs out of requests is measured correctly.
    """
    outcome = Outcome()
    with _open(port, connections) as (poll, wires):
        began = perf_counter()
        end, number = began + seconds, 0
        for wire in wires.values():
            wire.send(number, requests[number % len(requests)], perf_counter())
            number += 1
        busy = len(wires)
        while busy:
            for descriptor, now in _ready(poll):
                wire = wires[descriptor]
                answered = wire.answer()
                if answered is None:
                    continue
                _note(outcome, wire, answered, now, keep=False)
                if now >= end or (not again and number >= len(requests)):
                    busy -= 1
                    continue
                wire.send(number, requests[number % len(requests)], perf_counter())
                number += 1
        outcome.seconds = perf_counter() - began
    return outcome


def paced(port: int, requests: Sequence[bytes], *, connections: int, rate: float) -> Outcome:
    """Send `rate` requests a second, independent of responses; latency counts from the scheduled time, not from the actual sending."""
    outcome = Outcome()
    with _open(port, connections) as (poll, wires):
        idle = list(wires.values())
        began, number = perf_counter(), 0
        while outcome.statuses.total() < len(requests):
            while idle and number < len(requests) and began + number / rate <= perf_counter():
                idle.pop().send(number, requests[number], began + number / rate)
                number += 1
            due = began + number / rate - perf_counter() if idle and number < len(requests) else 0.5
            for descriptor, now in _ready(poll, max(0.0, due)):
                wire = wires[descriptor]
                if (answered := wire.answer()) is not None:
                    _note(outcome, wire, answered, now, keep=True)
                    idle.append(wire)
        outcome.seconds = perf_counter() - began
    return outcome


def _note(outcome: Outcome, wire: _Wire, answered: tuple[int, int], now: float, *, keep: bool) -> None:
    outcome.latencies.append(now - wire.sent_at)
    outcome.statuses[answered[0]] += 1
    outcome.received += answered[1]
    if keep:
        outcome.answered_at[wire.number] = now


def _ready(poll: select.epoll, wait: float = ANSWERED_WITHIN) -> Iterator[tuple[int, float]]:
    ready = poll.poll(wait)
    if not ready and wait >= ANSWERED_WITHIN:
        raise SystemExit(f"error: no answer came within {ANSWERED_WITHIN:.0f} seconds.")
    for descriptor, _ in ready:
        yield descriptor, perf_counter()


class _open:
    def __init__(self, port: int, connections: int) -> None:
        self.wires = [_Wire(port) for _ in range(connections)]

    def __enter__(self) -> tuple[select.epoll, dict[int, _Wire]]:
        self.poll = select.epoll()
        for wire in self.wires:
            self.poll.register(wire.socket.fileno(), select.EPOLLIN)
        return self.poll, {wire.socket.fileno(): wire for wire in self.wires}

    def __exit__(self, *_: object) -> None:
        self.poll.close()
        for wire in self.wires:
            wire.socket.close()
