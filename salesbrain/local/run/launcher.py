"""Start everything for `make run`, from the database to the last process, and stop it on Ctrl-C.

    run lock -> ports free -> static files | database, roles, migrations, demo data -> web, worker, emulator | welcome

Called by the command `run` and by `python -m salesbrain.local.run stop|clean`. A run ends with its processes; the embedded server
ends with it unless another program (a test run, psql) is connected. Commands such as `manage.py shell` may start that server and
leave it running.
"""

import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections

from salesbrain import embedded_postgres
from salesbrain.kernel.env import BASE_DIR, RUN_LOCK
from salesbrain.local.history_file import history_file
from salesbrain.local.run import lock, ports, processes, static
from salesbrain.local.run.errors import RunError

PROCFILE = BASE_DIR / "Procfile"
DISK_FULL = "53100"  # SQLSTATE
NEARLY_NOTHING = 1_000_000  # bytes

Tell = Callable[[str], object]


def run(tell: Tell) -> int:
    """Prepare everything, run until Ctrl-C or until a process ends, clean up; return the exit code."""
    names = ["web", "worker", "jobs", "replies"]
    if settings.DEMO:
        names.append("emulator")
    url = f"http://{ports.HOST}:{settings.PORT}"
    settings.LOCAL_DIR.mkdir(exist_ok=True)
    for number in (signal.SIGTERM, signal.SIGHUP):  # `make stop`, a closed terminal: as orderly as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    with lock.run_lock(RUN_LOCK, url=url, environment=_ports()):
        if left := lock.end_leftovers(_mark()):
            tell(f"Ended {left} processes which an earlier run that was killed had left behind.")
        _require_ports(names)
        with _database_stopped_afterwards(tell):
            with static.collecting_static_files(), _full_disk_explained():
                call_command("prepare_database", verbosity=0)
                if settings.EMBEDDED_DATABASE:
                    call_command("load_demo", verbosity=0)
            connections.close_all()
            tell(f"Starting {', '.join(names)}; Ctrl-C stops everything.")
            code = _run_processes(names)
            if code:
                tell("A process ended by itself, so everything was stopped; its last lines above say why.")
    return code


def stop(tell: Tell) -> None:
    """Stop the run of this checkout, the leftovers of a killed one, and the embedded database."""
    ended = lock.end_run(RUN_LOCK)
    left = lock.end_leftovers(_mark())
    tell("Stopped the run." if ended or left else "Nothing was running.")
    if settings.EMBEDDED_DATABASE:
        tell(embedded_postgres.stop())


def clean(tell: Tell) -> None:
    """Delete the embedded database; raises RunError while a run is using it."""
    if number := lock.holder(RUN_LOCK):
        raise RunError(f"Salesbrain is running (process {number}). Stop it first: `make stop`.")
    lock.end_leftovers(_mark())
    tell(embedded_postgres.clean())


def _mark() -> str:
    return embedded_postgres.address().socket_dir.name


def _require_ports(names: list[str]) -> None:
    ports.require_free(settings.PORT, "PORT")
    if "emulator" in names:
        if settings.EMULATOR_PORT == settings.PORT:
            raise RunError(f"PORT and EMULATOR_PORT are both {settings.PORT}; give them two numbers.")
        ports.require_free(settings.EMULATOR_PORT, "EMULATOR_PORT")


def _run_processes(names: list[str]) -> int:
    environment = _environment()
    embedded = settings.EMBEDDED_DATABASE
    greeting = processes.running_command(["manage.py", "welcome"], environment) if embedded else nullcontext()
    try:
        with greeting, processes.calling_regularly(_restart_database_if_killed) if embedded else nullcontext():
            return processes.supervise(PROCFILE, names, environment, before=_wait_commands(names))
    finally:
        lock.end_leftovers(_mark())  # such as web's workers, where web itself was killed


def _wait_commands(names: list[str]) -> dict[str, str]:
    """Return, by process name, the command that makes it wait until the emulator answers (jobs: until the history is imported).

    The generation of the demo's history takes longer than a sync waits, and gap repair fails while the history is being recorded.
    """
    if "emulator" not in names:
        return {}
    command = f"python -m salesbrain.local.run.wait_for {settings.INSTANTLY_BASE_URL}"
    return {"jobs": f"{command} {shlex.quote(str(history_file()))}", "replies": command}


def _restart_database_if_killed() -> None:
    """Restart the embedded server if somebody killed it."""
    try:
        embedded_postgres.ensure_running()
    except embedded_postgres.EmbeddedPostgresError as error:
        sys.stderr.write(f"error: {error}\n")


def _environment() -> Mapping[str, str]:
    scripts = os.path.dirname(sys.executable)
    return os.environ | {
        lock.MARK: _mark(),
        "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        **_ports(),
    }


def _ports() -> dict[str, str]:
    return {"PORT": str(settings.PORT), "EMULATOR_PORT": str(settings.EMULATOR_PORT)}


@contextmanager
def _full_disk_explained() -> Iterator[None]:
    """Explain in one line that the database's disk is full, if a statement failed because of that."""
    try:
        yield
    except DatabaseError as error:
        free = shutil.disk_usage(settings.LOCAL_DIR).free  # a full log of transactions ends the server without a word
        if getattr(error.__cause__, "sqlstate", None) != DISK_FULL and free > NEARLY_NOTHING:
            raise
        raise RunError(f"The disk is full: {str(error).splitlines()[0]}. Free some space and try again.") from error


@contextmanager
def _database_stopped_afterwards(tell: Tell) -> Iterator[None]:
    """Stop the embedded server at the end of the block, in any case, unless somebody else uses it."""
    try:
        yield
    finally:
        connections.close_all()
        if settings.EMBEDDED_DATABASE:
            done = embedded_postgres.stop(if_unused=True)
            if done is not embedded_postgres.Stop.NOT_RUNNING:
                tell(done)
