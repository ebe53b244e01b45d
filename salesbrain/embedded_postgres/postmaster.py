"""State of the embedded PostgreSQL's server process, read from /proc instead of its pid file.

PostgreSQL trusts `postmaster.pid`, which outlives a kill -9, as long as any process of the same user has that number: an uncollected
zombie, or an unrelated process after the numbers wrapped around, and then refuses to start. A server process's working folder is its
data folder, so that is checked instead, which also finds backends whose server process was killed.
"""

import os
from pathlib import Path

import psutil

from salesbrain.embedded_postgres.errors import EmbeddedPostgresError

LEFTOVERS_END_WITHIN = 20.0  # backends notice the death of their postmaster at once; a busy one a little later


def pid_on_file(data: Path) -> tuple[int, Path] | None:
    """Return the process number and the data folder in `postmaster.pid`, or None if it is unusable."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return int(lines[0]), Path(lines[1])
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def running(data: Path) -> int | None:
    """Return the process number of the server on `data`, or None."""
    found = pid_on_file(data)
    return found[0] if found and _works_in(found[0], data) else None


def make_way(data: Path) -> None:
    """Prepare `data` without a running server for a start: wait for orphaned backends to end, then remove the stale lock file.

    Raises EmbeddedPostgresError if backends do not end, or if the data were copied while a server was running.
    """
    orphans = [process for process in psutil.process_iter() if _works_in(process.pid, data)]
    _, staying = psutil.wait_procs(orphans, timeout=LEFTOVERS_END_WITHIN)
    if staying:
        numbers = ", ".join(str(process.pid) for process in staying)
        raise EmbeddedPostgresError(
            f"Processes of an earlier server still work on {data}: {numbers}. Its main process is dead, they do not "
            "end. End them (kill) and try again."
        )
    found = pid_on_file(data)
    if found and found[1] != data and running(found[1]):
        raise EmbeddedPostgresError(
            f"{data} was copied from {found[1]} while the server there was running; such a copy cannot be trusted. "
            "Stop that one (`make stop` there) and copy again, or forget this copy with `make clean`."
        )
    (data / "postmaster.pid").unlink(missing_ok=True)


def end_doomed(socket_dir: Path, port: int) -> None:
    """End a server that still answers at `socket_dir` although its data folder was deleted."""
    try:
        number = int((socket_dir / f".s.PGSQL.{port}.lock").read_text(encoding="utf-8").splitlines()[0])
        process = psutil.Process(number)
        if process.name() != "postgres" or Path(process.cwd()).exists():
            return
        # It would notice within a minute and shut down the same way; nothing can be saved.
        process.send_signal(3)
        process.wait(timeout=LEFTOVERS_END_WITHIN)
    except (OSError, IndexError, ValueError, psutil.Error):
        return


def _works_in(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return os.path.samefile(process.cwd(), data) and process.name().startswith("postgres")
    except (psutil.Error, OSError, ValueError):
        return False
