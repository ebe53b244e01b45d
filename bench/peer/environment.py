"""Virtual environment of the benchmark's comparison system in .local/bench-peer.

Made at the first run. Its packages are locked in requirements/bench.txt.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from bench.scratch import CHECKOUT

LIST = CHECKOUT / "requirements" / "bench.txt"
PLACE = CHECKOUT / ".local" / "bench-peer"
STAMP = PLACE / "installed.txt"
POOLED = 2  # processes, as many as the product's


def uvicorn(port: int) -> list[str | Path]:
    """Return the command that serves the comparison system; installs it if necessary."""
    wanted = hashlib.sha256(LIST.read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        _install(wanted)
    program = PLACE / "bin" / "uvicorn"
    return [
        program, "bench.peer.app:app", "--host", "127.0.0.1", "--port", str(port), "--workers", str(POOLED),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def _install(wanted: str) -> None:
    sys.stderr.write("Installing the peer (requirements/bench.txt) into .local/bench-peer, once.\n")
    PLACE.parent.mkdir(exist_ok=True)
    venv.create(PLACE, with_pip=True, clear=True)
    command: list[str | Path] = [
        PLACE / "bin" / "pip",
        "install",
        "--quiet",
        "--no-input",
        "--require-hashes",
        "--no-deps",
        "-r",
        LIST,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["pip said nothing"]
        raise SystemExit(f"error: the peer could not be installed: {lines[-1]}")
    STAMP.write_text(wanted)
