"""Fixtures: a misbehaving HTTP server on a real socket, and an Instantly client for it."""

import contextlib
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import pytest

from instantly.client import InstantlyClient

Step = Callable[[socket.socket], bool]  # does one answer; True keeps the connection for the next request


@dataclass
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """HTTP server with scripted responses: ``will(*steps)`` sets the next ones in order, ``always`` the one after those."""

    always: Step | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._steps: deque[Step] = deque()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def will(self, *steps: Step) -> None:
        self._steps.extend(steps)

    def close(self) -> None:
        for sock in (self._listener, *tuple(self._open)):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(sock)
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            reader = sock.makefile("rb")
            while (request := _read_request(reader)) is not None:
                self.received.append(request)
                step = self._steps.popleft() if self._steps else self.always
                if step is None or not step(sock):
                    break
        except OSError:
            pass  # the client left, which is what some tests are about
        finally:
            self._open.discard(sock)
            sock.close()


def _read_request(reader) -> Received | None:
    line = reader.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode().split(" ", 2)
    headers = {}
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Received(method, target, headers, reader.read(int(headers.get("content-length", 0))))


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Answers:
    """Responses that the server can give."""

    @staticmethod
    def whole(status: int = 200, body: bytes = b"", kind: str = "application/json", **headers: str) -> Step:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def step(sock: socket.socket) -> bool:
            sock.sendall(_head(status, {"Content-Type": kind, "Content-Length": str(len(body)), **named}) + body)
            return True

        return step

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Step:
        return cls.whole(status, json.dumps(value).encode(), **headers)

    @staticmethod
    def raw(data: bytes) -> Step:
        """Send exactly these bytes, then close the connection."""

        def step(sock: socket.socket) -> bool:
            sock.sendall(data)
            return False

        return step

    @staticmethod
    def reset() -> Step:
        """Reset the connection without a response (RST)."""

        def step(sock: socket.socket) -> bool:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            return False

        return step

    @staticmethod
    def silence() -> Step:
        """Send nothing until the client leaves."""

        def step(sock: socket.socket) -> bool:
            while sock.recv(4096):
                pass
            return False

        return step

    @staticmethod
    def endless(start: bytes, repeated: bytes, pause: float = 0.0) -> Step:
        """Send ``start``, then ``repeated`` again and again until the client leaves."""

        def step(sock: socket.socket) -> bool:
            sock.sendall(start)
            while True:
                sock.sendall(repeated)
                time.sleep(pause)

        return step


class Unlimited:
    """A rate limit without limits that records requests."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def acquire(self, kind: str, *, timeout: float) -> None:
        self.asked.append(kind)


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def answers() -> type[Answers]:
    return Answers


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def time_() -> Time:
    return Time()


@pytest.fixture
def budget() -> Unlimited:
    return Unlimited()


@pytest.fixture
def new_client(server, time_, budget):
    """Return a function that creates clients for the server. Pauses take no time; deadlines use the real clock without ``clock``."""
    made: list[InstantlyClient] = []

    def make(key: str = "key-for-a-test", **options) -> InstantlyClient:
        defaults = {"base_url": server.url, "budget": budget, "sleep": time_.sleep}
        made.append(InstantlyClient(key, **{**defaults, **options}))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(new_client) -> InstantlyClient:
    return new_client()
