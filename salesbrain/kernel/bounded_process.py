"""Child process with a CPU and memory limit that runs a pure function over untrusted input.

    with BoundedProcess("messaging.mail_text.mails:read_mail") as process:
        results = process.run(mails, batch_seconds=5.0)

A regular expression, an HTML parser or a Rust extension cannot be interrupted from a thread of the same process; a child can always
be killed. It has a CPU budget for each item (a kernel timer whose default action ends the process), a memory limit, no database, no
secret in its environment and no writable file. JSON goes in and out, so that its output cannot execute anything here.
"""

import importlib
import mmap
import os
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time
from types import TracebackType
from typing import Any, BinaryIO, Self

import orjson

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FRAME = struct.Struct("!Q")
CPU_SECONDS = 1.0
MEMORY = 256 * 1024 * 1024
"""Bytes of private memory of the child: Python and its libraries take about 40 MiB of them."""
SILENCE = 20.0
"""Seconds of wall time without a result after which the child is killed: it may wait for something instead of computing."""
FRAME_BYTES = 4 * 1024 * 1024
"""Bytes of input sent at once. A larger item is sent alone."""
FLUSH_SECONDS = 0.02
"""Results are sent back at least this often, so that a killed child takes little finished work with it."""
NONE_YET = FRAME.pack(0)


@dataclass(frozen=True, slots=True)
class Done:
    value: Any


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Result: the item exceeded its CPU or memory limit and was stopped. `reason` is a sentence for the person who decides about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Result: the function raised an exception; the child continues."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Result: the budget of the batch was used up before this item. Run it again with the next batch."""


Result = Done | OverBudget | Broken | NotStarted


class Unavailable(RuntimeError):
    """Error: no child could be started: this installation is broken or out of resources, independent of the item."""


class BoundedProcess:
    """A child process that runs one function. Started on demand and again after it was stopped; thread-safe.

    `function` is `module:name`; it takes and returns what JSON can hold.
    """

    def __init__(self, function: str, *, cpu_seconds: float = CPU_SECONDS, memory: int = MEMORY) -> None:
        self.function, self.cpu_seconds, self.memory = function, cpu_seconds, memory
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._shared = os.memfd_create("progress")
        os.ftruncate(self._shared, FRAME.size)
        self._progress = mmap.mmap(self._shared, FRAME.size)

    def run(self, items: Sequence[Any], *, batch_seconds: float = 10.0) -> list[Result]:
        """Return one result for each item, in order. `batch_seconds` limits the CPU time of all items together, but the first item always
        runs.

        Raises Unavailable where no child can be started.
        """
        results: list[Result] = []
        with self._lock:
            left = batch_seconds
            for frame in _frames(items):
                while frame:
                    if left <= 0 and results:
                        return [*results, *([NotStarted()] * (len(items) - len(results)))]
                    finished, spent = self._run_frame(frame, left)
                    results += finished
                    frame = frame[len(finished) :]
                    left -= spent
        return results

    def call(self, item: Any) -> Result:
        """Run the function on one item in the child process and return the result."""
        return self.run([item])[0]

    def _run_frame(self, frame: list[bytes], left: float) -> tuple[list[Result], float]:
        """Run items until the frame, the batch's budget or the child ends; return their results and their CPU.

        If the child was killed, the last result has the reason. Items that it had finished without sending their results are run again
        first.
        """
        child = self._started()
        assert child.stdin and child.stdout
        self._progress[:] = NONE_YET
        results: list[Result] = []
        spent = 0.0
        with suppress(BrokenPipeError, ConnectionResetError):
            head = orjson.dumps({"cpu": self.cpu_seconds, "batch": left})
            _write(child.stdin, b"[" + head + b"," + b",".join(frame) + b"]")
            while (answer := _read(child.stdout, SILENCE)) is not None:
                part = orjson.loads(answer)
                results += [_result(*entry) for entry in part["results"]]
                spent = part["spent"]
                if part["is_last"]:
                    return results, spent if len(results) == len(frame) else max(left, spent)
        (guilty,) = FRAME.unpack(self._progress[:])
        why = OverBudget(self._ended(child))
        if len(results) < guilty < len(frame):
            again, more = self._run_frame(frame[len(results) : guilty], left)
            return [*results, *again, why], spent + more + self.cpu_seconds
        return [*results, why], spent + self.cpu_seconds

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self.close()
            command = [
                sys.executable,
                "-m",
                __spec__.name if __spec__ else __name__,
                self.function,
                str(self.memory),
                str(self._shared),
            ]
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=CHECKOUT,
                pass_fds=[self._shared],
                env={"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", "MALLOC_ARENA_MAX": "1"},
                start_new_session=True,  # Ctrl-C is for the parent, which ends the child
            )
            if _read(self._child.stdout, SILENCE) is None:
                raise Unavailable(
                    f"The process that runs {self.function} could not be started: {self._ended(self._child)}."
                )
        return self._child

    def _ended(self, child: "subprocess.Popen[bytes]") -> str:
        """End the child and return the reason of its exit."""
        with suppress(subprocess.TimeoutExpired):
            child.wait(0.2)  # its pipe closes a moment before its end can be seen
        was_silent = child.poll() is None
        child.kill()
        code = child.wait()
        self.close()
        if was_silent:
            return f"it gave no result for {SILENCE:g} s"
        if code == -signal.SIGPROF:
            return f"it takes more than {self.cpu_seconds:g} s of CPU"
        if code < 0:
            return f"it ended the process ({signal.Signals(-code).name})"
        return f"it ended the process (exit code {code})"

    def close(self) -> None:
        """End the child. The next run starts another one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()
        os.close(self._shared)


def _frames(items: Sequence[Any]) -> Iterator[list[bytes]]:
    frame: list[bytes] = []
    size = 0
    for item in items:
        encoded = orjson.dumps(item)
        if frame and size + len(encoded) > FRAME_BYTES:
            yield frame
            frame, size = [], 0
        frame.append(encoded)
        size += len(encoded)
    if frame:
        yield frame


RESULTS: dict[str, Callable[[Any], Result]] = {"done": Done, "over": OverBudget, "broken": Broken}


def _result(kind: str, value: Any) -> Result:
    return RESULTS[kind](value)


def _write(pipe: Any, content: bytes) -> None:
    pipe.write(FRAME.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def _read(pipe: Any, silence: float | None) -> bytes | None:
    """Return the next frame; None if the other end has closed, or is silent for so many seconds."""
    header = _exactly(pipe, FRAME.size, silence)
    return None if header is None else _exactly(pipe, FRAME.unpack(header)[0], silence)


def _exactly(pipe: Any, length: int, silence: float | None) -> bytes | None:
    content = bytearray()
    until = None if silence is None else monotonic() + silence
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(content) < length:
            if until is not None and not selector.select(max(0.0, until - monotonic())):
                return None
            part = os.read(pipe.fileno(), min(length - len(content), 1 << 20))
            if not part:
                return None
            content += part
    return bytes(content)


# --- the child ------------------------------------------------------------------------------------------------------


def _serve(function: Callable[[Any], Any], incoming: BinaryIO, outgoing: BinaryIO, progress: mmap.mmap) -> None:
    while (frame := _read(incoming, None)) is not None:
        head, *items = orjson.loads(frame)
        del frame
        began = sent = now = process_time()
        waiting: list[tuple[str, Any]] = []
        for place, item in enumerate(items):
            if place and now - began > head["batch"]:
                break
            FRAME.pack_into(progress, 0, place)
            waiting.append(_bounded(function, item, head["cpu"]))
            now = process_time()
            if now - sent > FLUSH_SECONDS:
                _answer(outgoing, waiting, now - began, is_last=False)
                waiting, sent = [], process_time()
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(outgoing, waiting, process_time() - began, is_last=True)


def _bounded(function: Callable[[Any], Any], item: Any, cpu_seconds: float) -> tuple[str, Any]:
    # Its signal's default action ends the process, whatever it is doing. The next item starts it anew.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return "done", function(item)
    except (MemoryError, RecursionError) as error:
        return "over", f"it takes too much memory ({type(error).__name__})"
    except Exception as error:  # whatever is in a text, it must not stop the ones behind it
        return "broken", repr(error)[:500]


def _answer(outgoing: BinaryIO, results: list[tuple[str, Any]], spent: float, *, is_last: bool) -> None:
    _write(outgoing, orjson.dumps({"results": results, "spent": spent, "is_last": is_last}))


def main(function: str, memory: str, shared: str) -> None:
    module, _, name = function.partition(":")
    run = getattr(importlib.import_module(module), name)
    for kind, bound in ((resource.RLIMIT_DATA, int(memory)), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (bound, bound))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with suppress(BrokenPipeError):
        _write(sys.stdout.buffer, b"ready")
        incoming: Any = sys.stdin.buffer
        _serve(run, incoming.raw, sys.stdout.buffer, mmap.mmap(int(shared), FRAME.size))


if __name__ == "__main__":
    main(*sys.argv[1:4])
