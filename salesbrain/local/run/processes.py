"""Processes of `make run`: those of the Procfile, under honcho, and the welcome message."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager

STOPPED_BY_SIGNAL = {128 + signal.SIGINT, 128 + signal.SIGTERM}
WATCH_EVERY = 3.0  # seconds


class PatientManager(Manager):
    """honcho's process manager, made stoppable at any moment.

    honcho 2.0 raises KeyError when stopped before every process has reported its pid, and ignores signals after that. Here a request to
    stop (the attribute `returncode`) takes effect only when the loop has seen all of them start.
    """

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()

    def _any_stopped(self) -> bool:
        return self.returncode is not None or super()._any_stopped()


def supervise(
    procfile: Path, names: Sequence[str], environment: Mapping[str, str], before: Mapping[str, str] | None = None
) -> int:
    """Run the Procfile's processes `names` until one ends or we are stopped; then end all.

    Returns 0 after Ctrl-C, SIGTERM or a closed terminal, and 1 where a process ended by itself. honcho's own command is not used: it gives
    every line a PORT of its own, and the worker must know the web's. `before`: by process name, a shell command that runs first; the
    process starts when it has ended, with any exit code.
    """
    commands = parse_procfile(procfile.read_text(encoding="utf-8")).processes
    manager = PatientManager()
    for name in names:
        waits = (before or {}).get(name, "")
        command = f"{waits}; {commands[name]}" if waits else commands[name]
        manager.add_process(name, command, env=dict(environment), cwd=str(procfile.parent))
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        manager.loop()
    except OSError:  # our output has no reader any more (`make run | head`)
        manager.returncode = 128 + signal.SIGTERM
    finally:
        with suppress(OSError, KeyError):
            manager.kill()
    return 0 if manager.returncode in STOPPED_BY_SIGNAL else 1


@contextmanager
def running_command(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Run a command that may end by itself while the block runs; it shares our output, and ends with the block.

    In a session of its own, so that Ctrl-C reaches it as an orderly SIGTERM from here.
    """
    process = subprocess.Popen([sys.executable, *command], env=dict(environment), start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def calling_regularly(step: Callable[[], None]) -> Iterator[None]:
    """Call `step` every few seconds in a thread while the block runs."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH_EVERY):
            step()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=WATCH_EVERY)
