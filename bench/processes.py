"""Start and stop the benchmarked systems; read their CPU time and memory from /proc."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import psutil

from bench.scratch import CHECKOUT, HOME

STARTS_WITHIN = 60.0
ENDS_WITHIN = 10.0


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


@dataclass
class RunningCommand:
    """A running command with all its child processes. `port`: where it listens, 0 if it does not."""

    name: str
    process: psutil.Popen
    port: int = 0
    log: Path = field(default_factory=Path)

    def family(self) -> list[psutil.Process]:
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            raise SystemExit(f"error: {self.name} ended by itself; its last words are in {self.log}.") from None

    def cpu(self) -> float:
        """Return the seconds of CPU so far, those of ended children included."""
        return cpu_of(self.family())

    def memory(self) -> float:
        """Return the memory in MiB as proportional set size, so that pages shared by forked processes count once."""
        return sum(process.memory_full_info().pss for process in self.family()) / 2**20

    def pause(self) -> None:
        """Stop the processes (SIGSTOP) while another system is measured."""
        for process in self.family():
            process.suspend()

    def go_on(self) -> None:
        for process in self.family():
            process.resume()

    def end(self) -> None:
        family = self.family() if self.process.is_running() else []
        for process in family:
            process.resume()
        if family:
            self.process.terminate()
        _, staying = psutil.wait_procs(family, timeout=ENDS_WITHIN)
        for process in staying:
            process.kill()


def cpu_of(family: Sequence[psutil.Process]) -> float:
    seconds = 0.0
    for process in family:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system
    if family:
        ended = family[0].cpu_times()
        seconds += ended.children_user + ended.children_system
    return seconds


def server_cpu(postmaster: int | None) -> float | None:
    """Return the PostgreSQL server's CPU time so far in seconds, ended backends included; None if it is not the benchmark's own."""
    if postmaster is None:
        return None
    head = psutil.Process(postmaster)
    return cpu_of([head, *head.children(recursive=True)])


@contextmanager
def started(name: str, command: Sequence[str | Path], *, port: int = 0, **environment: str) -> Iterator[RunningCommand]:
    """Run a command from the checkout until the block ends; with `port`, wait until it listens."""
    running = start(name, command, port=port, **environment)
    try:
        yield running
    finally:
        running.end()


def start(name: str, command: Sequence[str | Path], *, port: int = 0, **environment: str) -> RunningCommand:
    HOME.mkdir(parents=True, exist_ok=True)
    log = HOME / f"{name}.log"
    with log.open("wb") as file:
        process = psutil.Popen(
            [str(part) for part in command],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    running = RunningCommand(name, process, port, log)
    if port:
        _wait_until_it_listens(running)
    return running


def _wait_until_it_listens(running: RunningCommand) -> None:
    due = monotonic() + STARTS_WITHIN
    while True:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        if monotonic() > due or running.process.poll() is not None:
            running.end()
            last = running.log.read_text(errors="replace").splitlines()[-3:]
            raise SystemExit(f"error: {running.name} did not start: {' | '.join(last)}")
        sleep(0.02)


PYTHON = Path(sys.executable)
WITHOUT_LANES = "8"


def web(port: int, application: str = "salesbrain.wsgi:application") -> list[str | Path]:
    """Return the command of the Procfile's `web`, for the product and for other applications under the same server.

    An application without lanes gets as many threads as there are useful database connections.
    """
    line = next(line for line in (CHECKOUT / "Procfile").read_text().splitlines() if line.startswith("web:"))
    words = line.removeprefix("web:").replace("exec ", "").replace("$PORT", str(port)).split()
    if not application.startswith("salesbrain."):
        words[words.index("--blocking-threads") + 1] = WITHOUT_LANES
    return [PYTHON.parent / words[0], *words[1:-1], application]


def worker(*arguments: str) -> list[str | Path]:
    return [PYTHON, "manage.py", "process_deliveries", *arguments]
