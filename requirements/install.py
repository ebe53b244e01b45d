"""Make `.venv` with the locked packages: `python3 requirements/install.py base|dev`; `triage|train` adds to one that is there.

Runs on a bare Python before anything is installed, hence only the standard library. What is there already is left
alone: the stamp in `.venv` holds the digests of the lists it was filled from, and is written last. Every failure is
one line.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.txt"
LOG = VENV / "install.log"
OLDEST = (3, 11)

# dev.txt is compiled on top of base.txt and holds all of it, at the same versions.
CONTAINS = {"base": ("base",), "dev": ("base", "dev"), "triage": ("triage",), "train": ("triage", "train")}

# What is added to an environment and replaces nothing in it.
EXTRAS = ("triage", "train")

# Debian's packages that tests need and pip cannot bring: program, package, what is skipped without it.
SYSTEM_PARTS = (
    ("chromium", "chromium", "tests in a browser"),
    ("pgbouncer", "pgbouncer", "tests through a connection pooler"),
)

# What pip printed -> what to tell.
REASONS = (
    (("No space left on device", "Disk quota exceeded"), "the disk is full. Free some space and try again"),
    (
        ("DO NOT MATCH THE HASHES",),
        "a package is not the one that was locked, so it was refused. Look at your package index",
    ),
    (
        (
            "NewConnectionError",
            "NameResolutionError",
            "ConnectTimeoutError",
            "Max retries exceeded",
            "ProxyError",
            "SSLError",
            "Could not find a version",
            "ReadTimeoutError",
            "Network is unreachable",
        ),
        "the package index cannot be reached, or lacks a package. Look at network and pip's settings, then try again",
    ),
)


class Refusal(Exception):
    """Why there is no environment and what to do, in one line."""


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def digest(name: str) -> str:
    return f"{name} {hashlib.sha256((HERE / f'{name}.txt').read_bytes()).hexdigest()}"


def is_installed(kind: str) -> bool:
    """Was this environment filled from these very lists, and does its Python still exist?"""
    try:
        return os.access(PYTHON, os.X_OK) and digest(kind) in STAMP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False


def works() -> bool:
    """Can the environment that is there be filled? One whose Python was removed or which never got pip cannot."""
    try:
        asked = "import sys, pip; print(*sys.version_info[:2])"
        told = subprocess.run([PYTHON, "-c", asked], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return told.returncode == 0 and told.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make_environment() -> None:
    """Make an empty environment; half of one is removed again, because `python -m venv` leaves a Python without pip."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not install_from_debian(package) or importlib.util.find_spec("ensurepip") is None:
            raise Refusal(
                f"{sys.executable} cannot make virtual environments: Debian's package {package} is missing. "
                f"Install it (as root: apt-get install {package}) and try again."
            )
    interpreter = getattr(sys, "_base_executable", sys.executable)  # not the one about to be removed
    shutil.rmtree(VENV, ignore_errors=True)
    if VENV.exists():
        raise Refusal(f"{VENV} cannot be replaced: it belongs to another user. Remove it as that user, or as root.")
    made = subprocess.run([interpreter, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Refusal(f"The environment could not be made: {reason_in(made.stdout + made.stderr)}.")


def fill(kind: str) -> None:
    tell(f"Installing the packages of requirements/{kind}.txt into .venv; this takes a minute or two, once.")
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
    ]
    with LOG.open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [*command, "-r", HERE / f"{kind}.txt"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise Refusal(
            f"The packages could not be installed: {reason_in(LOG.read_text(errors='replace'))}. ({LOG} has it all.)"
        )
    there = STAMP.read_text(encoding="utf-8").splitlines() if kind in EXTRAS and STAMP.exists() else []
    lines = dict.fromkeys([*there, *(digest(part) for part in CONTAINS[kind])])
    STAMP.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def reason_in(printed: str) -> str:
    for words, reason in REASONS:
        if any(word in printed for word in words):
            return reason
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1].rstrip(".")


def install_from_debian(*packages: str) -> bool:
    """As root on Debian, install packages; False where that is not for us to do or did not work."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    tell(f"Installing Debian's {', '.join(packages)}.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (install, ["apt-get", "update", "-qq"], install):  # the lists of a fresh machine are empty
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if command is install and done.returncode == 0:
            return True
    return False


def install_system_parts() -> None:
    missing = [
        part for part in SYSTEM_PARTS if not shutil.which(part[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    ]
    if missing and not install_from_debian(*(package for _, package, _ in missing)):
        for _, package, without in missing:
            tell(f"Debian's package {package} is not installed: {without} will be skipped (apt-get install {package}).")


def main(kind: str) -> None:
    if sys.version_info < OLDEST:
        raise Refusal(
            f"Salesbrain needs Python {'.'.join(map(str, OLDEST))} or later; {sys.executable} is "
            f"{sys.version.split()[0]}. Name a newer one: make run PYTHON=/path/to/python3"
        )
    lock = os.open(CHECKOUT, os.O_RDONLY)  # two `make` at once: the second waits, and finds it done
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        if not is_installed(kind):
            if not works():
                make_environment()
            fill(kind)
    except PermissionError as error:
        raise Refusal(
            f"May not write {error.filename}: it belongs to another user. Run make as that user, or as root."
        ) from error
    except OSError as error:
        raise Refusal(
            f"The environment could not be made: {reason_in(f'{error.strerror}: {error.filename}')}."
        ) from error
    if kind == "dev":
        install_system_parts()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Refusal as refusal:
        sys.exit(f"error: {refusal}")
    except KeyboardInterrupt:
        sys.exit(130)
