"""Install locked Python requirements into `.venv`, or tools that pip cannot install; called by make.

    python3 requirements/install.py base|dev|tools

Runs on a bare Python, hence only the standard library. Every failure is one line.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LISTS = Path(__file__).resolve().parent
VENV = LISTS.parent / ".venv"
TOOLS = {
    "chromium": "tests in a browser",
    "nginx": "tests behind a reverse proxy",
    "pgbouncer": "tests through a connection pooler",
}
"""Debian packages that tests need, with their programs; without a program its tests are skipped."""
REASONS = {
    "No space left on device|Disk quota exceeded": "the disk is full. Free some space and try again",
    "DO NOT MATCH THE HASHES": "a package is not the one that was locked, so it was refused. Look at your package index",
    "Retrying|Max retries|Could not find a version": "the package index cannot be reached, or lacks a package. Look at network "
    "and pip's settings, then try again",
    "Permission denied.*": r"\g<0>: it belongs to another user. Run make as that user, or as root",
}
"""By pattern in the output of Python or pip, the explanation to print."""


def fill(kind: str) -> None:
    fcntl.flock(os.open(LISTS.parent, os.O_RDONLY), fcntl.LOCK_EX)  # a second `make` waits; then pip finds all there
    python = VENV / "bin" / "python"
    if not python.exists() or run(python, "-c", "import pip")[0]:  # its Python was removed, or it was cut off halfway
        make_environment()
    report(f"Installing the packages of requirements/{kind}.txt into .venv; this takes a minute or two, once.")
    options = ("--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps")
    failed, printed = run(python, "-m", "pip", "install", *options, "-r", LISTS / f"{kind}.txt")
    (VENV / "install.log").write_text(printed, encoding="utf-8")
    if failed:
        sys.exit(f"error: The packages could not be installed: {reason_in(printed)}. (.venv/install.log has it all.)")


def make_environment() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if importlib.util.find_spec("ensurepip") is None and not install_from_debian(package):
        sys.exit(
            f"error: {sys.executable} cannot make virtual environments: Debian's package {package} is missing. "
            f"Install it (as root: apt-get install {package}) and try again."
        )
    interpreter = getattr(sys, "_base_executable", sys.executable)  # not the one about to be removed
    failed, printed = run(interpreter, "-m", "venv", "--clear", VENV)
    if failed:
        sys.exit(f"error: The environment could not be made: {reason_in(printed)}.")


def reason_in(printed: str) -> str:
    """Return why a command failed, from its output: a known reason (REASONS), else its last error, else its last line."""
    for pattern, reason in REASONS.items():
        if found := re.search(pattern, printed):
            return found.expand(reason)
    lines = [line.strip().rstrip(".") for line in printed.splitlines() if line.strip()] or ["no output"]
    return next((line for line in reversed(lines) if line.upper().startswith("ERROR")), lines[-1])


def bring_tools() -> None:
    missing = [name for name in TOOLS if not shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")]
    if missing and not install_from_debian(*missing):
        for name in missing:
            report(f"Debian's package {name} is not installed: {TOOLS[name]} will be skipped (apt-get install {name}).")


def install_from_debian(*packages: str) -> bool:
    """Install Debian packages as root; False if this is not Debian, not root, or it failed."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    report(f"Installing Debian's {', '.join(packages)}.")
    run("apt-get", "update", "-qq")  # the lists of a fresh machine are empty; without a network the old ones may do
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
    return run("env", "DEBIAN_FRONTEND=noninteractive", *install, *packages)[0] == 0


def run(*command: str | Path) -> tuple[int, str]:
    """Run a command; return its exit code and its output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def report(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        bring_tools() if sys.argv[1] == "tools" else fill(sys.argv[1])
    except OSError as error:
        sys.exit(f"error: {reason_in(f'{error.strerror}: {error.filename}')}.")
    except KeyboardInterrupt:
        sys.exit(130)
