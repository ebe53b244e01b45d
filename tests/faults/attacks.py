"""Malicious HTTP clients for the fault tests, and latencies and memory measured meanwhile."""

import os
import socket
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from subprocess import Popen
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any

import orjson
import psutil
import requests
from django.conf import settings

from tests.faults.installation import Installation

MIB = 1024 * 1024
EXPORT = "/api/instantly/export/messages?format=ndjson"
WEBHOOK = "/webhooks/instantly/webhook"
LOGIN_STORM = Path(__file__).with_name("login_storm.py")


def connect(installation: Installation, *, receive_buffer: int | None = None) -> socket.socket:
    """Open a connection to the web server; with a small receive buffer a client that reads nothing stalls the sender at once."""
    client = socket.socket()
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect(("127.0.0.1", installation.port))
    return client


def head(method: str, path: str, **headers: object) -> bytes:
    """Return the head of a request, header names written with underscores for hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"Host": "127.0.0.1", **headers}.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


@contextmanager
def stalled_exports(installation: Installation, number: int, *, path: str = EXPORT) -> Iterator[list[socket.socket]]:
    """Start `number` exports with one customer's token and read nothing of them during the block."""
    with ExitStack() as opened:
        clients = []
        for _ in range(number):
            client = opened.enter_context(connect(installation, receive_buffer=4096))
            whose = {"Authorization": f"Bearer {installation.token}", "X_Forwarded_Proto": "https"}
            client.sendall(head("GET", path, Connection="close", **whose))
            clients.append(client)
        yield clients


@contextmanager
def dripping_senders(
    installation: Installation, number: int, *, length: int = 5000, every: float = 1.0
) -> Iterator[None]:
    """Send `number` deliveries with the valid secret, a byte at a time, during the block."""
    ended = Event()

    def drip() -> None:
        with connect(installation) as client, suppress(OSError):
            client.sendall(head("POST", WEBHOOK, X_Webhook_Secret=installation.secret, Content_Length=length))
            client.sendall(b"{")
            while not ended.wait(every):
                client.sendall(b" ")

    threads = [Thread(target=drip, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)


def large_body(installation: Installation, n: int, size: int = 9_500_000) -> bytes:
    """Return a reply of `size` bytes with the meaning of the n-th delivery."""
    told = orjson.loads(installation.body(n, "reply_received"))
    told["reply_text"] = "A long answer, line by line.\n" * (size // 30)
    return orjson.dumps(told)


@contextmanager
def logins(installation: Installation, connections: int, *, path: str = "/api/auth/tokens") -> Iterator[None]:
    """Log in as unknown users over `connections` connections, repeatedly, during the block.

    In a separate process: 64 threads in this one would hold Python's global lock and slow down the clients that measure here.
    """
    command = [sys.executable, str(LOGIN_STORM), str(installation.port), str(connections), path]
    attacker = Popen(command, cwd=settings.BASE_DIR)
    try:
        yield
    finally:
        attacker.kill()
        attacker.wait(30)


@dataclass
class Answers:
    """Statuses (or names of errors) of responses, with the seconds each took."""

    told: list[tuple[int | str, float]] = field(default_factory=list)

    def time(self, ask: Callable[[], int]) -> None:
        began = monotonic()
        try:
            status: int | str = ask()
        except (OSError, requests.RequestException) as error:
            status = type(error).__name__
        self.told.append((status, monotonic() - began))

    @property
    def seconds(self) -> list[float]:
        return [seconds for _, seconds in self.told]

    @property
    def statuses(self) -> dict[int | str, int]:
        counted: dict[int | str, int] = defaultdict(int)
        for status, _ in self.told:
            counted[status] += 1
        return dict(counted)

    def __str__(self) -> str:
        if len(self.told) < 2:
            return f"{self.told}"
        cut = quantiles(self.seconds, n=100)
        return f"{self.statuses} p50 {median(self.seconds):.3f} p99 {cut[98]:.3f} max {max(self.seconds):.3f} s"


@contextmanager
def ordinary_clients(installation: Installation, *, every: float = 0.1) -> Iterator[dict[str, Answers]]:
    """Run a sender of deliveries and a health check, each on new connections every `every` seconds."""
    ended, seen, numbers = Event(), {"webhook": Answers(), "health": Answers(), "ready": Answers()}, count(500_000)
    url = f"http://127.0.0.1:{installation.port}"

    def run(name: str, ask: Callable[[], int]) -> None:
        while not ended.is_set():
            seen[name].time(ask)
            ended.wait(every)

    asks: dict[str, Callable[[], int]] = {
        "webhook": lambda: installation.post(installation.body(next(numbers)), timeout=30).status_code,
        "health": lambda: requests.get(f"{url}/healthz", timeout=30).status_code,
        "ready": lambda: requests.get(f"{url}/readyz", timeout=30).status_code,
    }
    threads = [Thread(target=run, args=item, daemon=True) for item in asks.items()]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join(40)


class Memory:
    """The resident memory of processes in MiB, sampled while the block runs."""

    def __init__(self, pids: Sequence[int], *, every: float = 0.05) -> None:
        self.processes = [psutil.Process(pid) for pid in pids]
        self.before = self.now()
        self.peak = self.before
        self._every, self._ended, self._lock = every, Event(), Lock()
        self._thread = Thread(target=self._sample, daemon=True)

    def now(self) -> float:
        """Return the memory of the largest process, shared pages included."""
        return max(process.memory_info().rss for process in self.processes) / MIB

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._ended.set()
        self._thread.join(10)

    def _sample(self) -> None:
        while not self._ended.wait(self._every):
            with suppress(psutil.NoSuchProcess):
                self.peak = max(self.peak, self.now())


class WithChildren(Memory):
    """Memory of each process together with its children's, shared pages counted once."""

    def now(self) -> float:
        return max(self._together(process) for process in self.processes) / MIB

    def _together(self, process: psutil.Process) -> int:
        total = 0
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += int(each.memory_full_info().pss)
        return total


def deliver_all(installation: Installation, bodies: Sequence[Callable[[], bytes]], *, at_once: int) -> Answers:
    """Post all bodies, `at_once` at a time, each repeatedly until it is accepted; return every response."""
    answers = Answers()

    def deliver(make: Callable[[], bytes]) -> None:
        body = make()
        for _ in range(60):
            answers.time(lambda: installation.post(body, timeout=60).status_code)
            if answers.told[-1][0] == 200:
                return
            sleep(0.5)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(deliver, bodies))
    return answers


def web_pids(installation: Installation, web: Popen[bytes]) -> list[int]:
    """Return the processes that answer (granian's children that run Python's spawn or fork, not its resource tracker)."""
    return [pid for pid in installation.web_processes(web) if "resource_tracker" not in _command(pid)]


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def furnish_messages(installation: Installation, number: int, size: int) -> None:
    """Store and process `number` replies of `size` characters for an export."""
    for n in range(number):
        told = orjson.loads(installation.body(900_000 + n, "reply_received"))
        told["reply_text"] = os.urandom(size // 2).hex()
        told["lead_email"] = f"many{n}@lead.example"
        assert installation.post(orjson.dumps(told)).status_code == 200
    once = installation.start_worker("--once")
    assert once.wait(120) == 0
