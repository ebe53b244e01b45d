"""Smoke test of `make run` in a fresh clone: start, call the API, stop, start again, clean.

    python3 .ci/smoke.py

Needs only the standard library. Prints each observation and its duration; raises on the first failure.
"""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FIRST_START = 240.0  # seconds; with a warm package cache it is a quarter of that
LATER_START = 20.0
EVENTS_WITHIN = 120.0
STOP_WITHIN = 30.0


class Run:
    """`make run` in a pseudo-terminal, so that Ctrl-C arrives as from a keyboard."""

    def __init__(self, clone: Path, port: int, emulator_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.printed = bytearray()
        self.ended = False
        self.began = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(clone)
            os.execvp("make", ["make", "run", f"PORT={port}", f"EMULATOR_PORT={emulator_port}"])
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                read = os.read(self.terminal, 65536)
            except OSError:  # how a terminal says that nobody holds its other end
                return
            self.printed += read

    def wait_until_ready(self, patience: float) -> float:
        while time.monotonic() - self.began < patience:
            if self.has_ended():
                break
            if get(f"{self.url}/readyz")[0] == 200:
                return time.monotonic() - self.began
            time.sleep(0.2)
        raise AssertionError(f"/readyz did not answer 200 within {patience:.0f} s. make run printed:\n{self.tail()}")

    def has_ended(self) -> bool:
        self.ended = self.ended or os.waitpid(self.pid, os.WNOHANG)[0] != 0
        return self.ended

    def interrupt(self) -> float:
        """Press Ctrl-C; return how long everything took to stop."""
        pressed = time.monotonic()
        os.write(self.terminal, b"\x03")
        while time.monotonic() - pressed < STOP_WITHIN:
            if self.has_ended():
                return time.monotonic() - pressed
            time.sleep(0.1)
        raise AssertionError(f"make run did not end {STOP_WITHIN:.0f} s after Ctrl-C. It printed:\n{self.tail()}")

    def kill(self) -> None:
        if not self.has_ended():
            os.kill(self.pid, signal.SIGTERM)

    def tail(self) -> str:
        return self.printed.decode(errors="replace")[-6000:]


def get(url: str, token: str = "") -> tuple[int, dict]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, {}
    except (OSError, ValueError):
        return 0, {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(clone: Path, *arguments: str) -> str:
    command = [clone / ".venv" / "bin" / "python", "manage.py", *arguments]
    return subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stdout.strip()


def processes_of(clone: Path) -> list[str]:
    """Return the command lines of processes that work in the clone or were started from it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            where = os.readlink(process / "cwd")
        except OSError:
            continue
        if process.name != str(os.getpid()) and (str(clone) in line or Path(where).is_relative_to(clone)):
            found.append(line)
    return found


def require(true: object, sentence: str) -> None:
    if not true:
        raise AssertionError(sentence)


def events_arrive(run: Run, clone: Path) -> None:
    """Wait until the demo customer sees mails that the emulator sent and people opened, and nothing of others."""
    token = manage(clone, "create_token", "customer@acme.example")
    began = time.monotonic()
    stats: dict = {}
    while time.monotonic() - began < EVENTS_WITHIN:
        status, answer = get(f"{run.url}/api/instantly/stats", token)
        stats = answer.get("data", {})
        if status == 200 and stats.get("sent") and stats.get("opened"):
            break
        time.sleep(0.5)
    require(
        stats.get("sent") and stats.get("opened"), f"No events arrived: stats are {stats}. It printed:\n{run.tail()}"
    )
    print(
        f"events: after {time.monotonic() - began:.1f} s the customer sees {stats['sent']} sent, {stats['opened']} opened"
    )

    stranger = manage(clone, "create_token", "customer@initech.example")
    _, hers = get(f"{run.url}/api/instantly/campaigns", token)
    _, theirs = get(f"{run.url}/api/instantly/campaigns", stranger)
    require(hers.get("count"), "The customer of Acme sees no campaign of hers.")
    require(
        theirs.get("count") == 0, f"The customer of Initech, who has nothing, sees {theirs.get('count')} campaigns."
    )
    require(get(f"{run.url}/api/instantly/stats")[0] == 401, "Statistics are answered without a token.")


def smoke(clone: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", CHECKOUT, clone], check=True)
    ports = free_port(), free_port()

    run = Run(clone, *ports)
    try:
        print(f"first start, nothing installed: ready after {run.wait_until_ready(FIRST_START):.1f} s")
        events_arrive(run, clone)
        second = subprocess.run(["make", "run"], cwd=clone, capture_output=True, text=True, check=False)
        require("already runs" in second.stderr, f"A second make run at once said: {second.stderr}")
        require(
            subprocess.run(["make", "clean"], cwd=clone, capture_output=True, check=False).returncode,
            "make clean forgot the data of a running Salesbrain.",
        )
        print(f"Ctrl-C: all stopped after {run.interrupt():.1f} s")
    finally:
        run.kill()
    require("Traceback" not in run.tail(), f"Ctrl-C printed a traceback:\n{run.tail()}")
    require(not (left := processes_of(clone)), f"Still running after Ctrl-C: {left}")

    again = Run(clone, *ports)
    try:
        print(f"second start: ready after {again.wait_until_ready(LATER_START):.1f} s")
        token = manage(clone, "create_token", "customer@acme.example")
        require(get(f"{again.url}/api/instantly/stats", token)[1]["data"]["sent"], "The second start forgot the data.")
        again.interrupt()
    finally:
        again.kill()
    require(not (left := processes_of(clone)), f"Still running after the second Ctrl-C: {left}")

    subprocess.run(["make", "clean"], cwd=clone, check=True, capture_output=True)
    changed = subprocess.run(
        ["git", "status", "--short", "--ignored"], cwd=clone, capture_output=True, text=True, check=True
    )
    require(not changed.stdout, f"make clean left, or make run changed:\n{changed.stdout}")


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-smoke-"))
    folder.chmod(0o755)  # so that root's server, run by an ordinary user, may go there
    try:
        smoke(folder / "clone")
    except AssertionError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
