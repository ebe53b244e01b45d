"""Lock that allows one `make run` per checkout, and cleanup after a killed one."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from salesbrain.local.run.errors import RunError

MARK = "SALESBRAIN_RUN"  # in the environment of every process a run starts; its value is the checkout's id
ENDS_WITHIN = 20.0  # seconds a run has to stop its processes and the database


@contextmanager
def run_lock(file: Path, *, url: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Hold the checkout's run lock and store the `environment` for commands in a second terminal (run_environment.py); raise RunError
    naming the process that holds the lock.

    A POSIX lock, which a forked child does not inherit: it is free as soon as the launcher ends, however it ended.
    """
    with _opened(file) as handle:
        if not _lock(handle):
            holder, where = _holder_of(handle)
            raise RunError(
                f"Salesbrain already runs from this checkout at {where} (process {holder}). Stop that one first, with "
                "Ctrl-C there or with `make stop`."
            )
        handle.seek(0)
        handle.truncate()
        json.dump({"pid": os.getpid(), "url": url, "environment": dict(environment)}, handle)
        handle.flush()
        yield


def holder(file: Path) -> int | None:
    """Return the number of the process that runs this checkout, or None."""
    if not file.exists():
        return None
    with _opened(file) as handle:
        return None if _lock(handle) else _holder_of(handle)[0]


def end_run(file: Path) -> bool:
    """Ask the run of this checkout to stop and wait for it; False if there is none. Raises RunError."""
    number = holder(file)
    if number is None:
        return False
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(number)
        try:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=ENDS_WITHIN)
        except psutil.AccessDenied as error:
            raise RunError(f"Process {number} belongs to another user: stop it as {process.username()}.") from error
        except psutil.TimeoutExpired as error:
            raise RunError(
                f"Process {number} does not stop. End it with `kill -9 {number}`, then `make stop`."
            ) from error
    return True


def end_leftovers(mark: str) -> int:
    """End the processes of a run whose launcher was killed; return their number."""
    left = [process for process in psutil.process_iter() if _is_marked(process, mark)]
    for process in left:
        with suppress(psutil.Error):
            process.terminate()
    _, staying = psutil.wait_procs(left, timeout=5)
    for process in staying:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(staying, timeout=5)
    return len(left)


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False


def _opened(file: Path) -> IO[str]:
    return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8")


def _lock(handle: IO[str]) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder_of(handle: IO[str]) -> tuple[int, str]:
    try:
        content = json.load(handle)
        return int(content["pid"]), str(content["url"])
    except (ValueError, KeyError) as error:  # it has the lock and has not written its number yet
        raise RunError("Another `make run` of this checkout is just starting. Look at it, or try again.") from error
