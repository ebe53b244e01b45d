"""Start, stop and delete the embedded PostgreSQL of one checkout."""

import os
import shutil
import stat
import time
from enum import StrEnum
from pathlib import Path

import psycopg

from salesbrain.embedded_postgres import binaries, os_user, postmaster, roles
from salesbrain.embedded_postgres.errors import EmbeddedPostgresError, from_output, plain_errors
from salesbrain.embedded_postgres.os_user import OsUser
from salesbrain.embedded_postgres.paths import PORT, STATE, Places, Server

DATABASE = "salesbrain"
ANSWERS_WITHIN = 120.0  # seconds; recovery after a kill -9 reads the log again from the last checkpoint
SHUTDOWN_SECONDS = 2.0
LOG_KEPT = 10_000_000  # bytes of server.log; an older one is kept as server.log.1

# Everybody whom the socket's folder lets in is trusted. The locale is in every Debian and sorts like bytes, for ever.
INITDB = ("-U", roles.SUPERUSER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")

# Real durability: what `make run` acknowledged must be there after the plug was pulled. `timezone` is what initdb would
# take from TZ, which Django exports. An own value of `listen_addresses` keeps TCP shut whatever postgresql.conf says.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "track_commit_timestamp": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def address(places: Places | None = None) -> Server:
    """Return the address of this checkout's server, whether or not it runs; starts nothing."""
    return Server((places or Places()).socket_dir)


def ensure_running(places: Places | None = None) -> Server:
    """Start the server unless it runs, create missing roles and database, return the address.

    Safe to call from several processes at once. Raises EmbeddedPostgresError.
    """
    places = places or Places()
    with plain_errors(places.local):
        if _set_up(places) and _answers(places, binaries.folder(places.user)):
            return Server(places.socket_dir)
        with places.locked():
            started = _start(places)
            if not _set_up(places):
                roles.create(places.socket_dir, PORT, DATABASE)
                _write_as(places.marker, roles.fingerprint(), places.user)
        return Server(places.socket_dir, started=started)


class Stop(StrEnum):
    """Result of `stop`, each value as a sentence to print."""

    STOPPED = "The embedded database is stopped."
    NOT_RUNNING = "The embedded database is not running."
    IN_USE = "The embedded database keeps running: other programs are connected to it."


def stop(places: Places | None = None, *, if_unused: bool = False) -> Stop:
    """Stop the server; with `if_unused` only if nobody is connected."""
    places = places or Places()
    with plain_errors(places.local), places.locked():
        if postmaster.running(places.data) is None:
            return Stop.NOT_RUNNING
        if if_unused and _count_remaining_connections(places):
            return Stop.IN_USE
        _shut_down(places)
        return Stop.STOPPED


def clean(places: Places | None = None) -> str:
    """Stop the server and delete its data; raises EmbeddedPostgresError while other programs are connected."""
    places = places or Places()
    with plain_errors(places.local), places.locked():
        if postmaster.running(places.data) is not None:
            if others := _count_remaining_connections(places):
                raise EmbeddedPostgresError(
                    f"The embedded database is in use ({others} connections), so it was not removed. End those "
                    "programs, or `make stop`, and try again."
                )
            _shut_down(places)
        home = places.home
        if home.exists():
            shutil.rmtree(home)
        shutil.rmtree(places.socket_dir, ignore_errors=True)
        return f"The embedded database in {home} is removed."


def status(places: Places | None = None) -> str:
    """Return a sentence: whether it runs, where its data lie, and who owns them."""
    places = places or Places()
    with plain_errors(places.local):
        if not os.path.lexists(places.data):
            return "There is no embedded database yet; `make run` makes one."
        number = postmaster.running(places.data)
        state = f"runs (process {number}, socket in {places.socket_dir})" if number else "does not run"
        return f"The embedded database {state}; its data lie in {places.data} and belong to {places.user.name}."


def _others_connected(places: Places) -> int:
    """Return how many programs are connected; 0 for an unreachable server (starting, or its socket was removed)."""
    try:
        return roles.others_connected(places.socket_dir, PORT)
    except psycopg.OperationalError:
        return 0


def _count_remaining_connections(places: Places) -> int:
    """Return how many programs are connected, also after a moment: the server notices the end of a program with a delay."""
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    while others := _others_connected(places):
        if time.monotonic() > deadline:
            return others
        time.sleep(0.1)
    return 0


def _set_up(places: Places) -> bool:
    try:
        return places.marker.read_text(encoding="utf-8") == roles.fingerprint()
    except FileNotFoundError:
        return False


def _answers(places: Places, programs: Path) -> bool:
    asked: list[str | Path] = [programs / "pg_isready", "-q", "-h", places.socket_dir, "-p", str(PORT), "-t", "3"]
    return os_user.run(asked, places.user)[0] == 0


def _start(places: Places) -> bool:
    """Start the server after any kind of earlier end; return whether it had to be started."""
    user = places.user
    programs = binaries.folder(user)
    if postmaster.running(places.data) is not None:
        if _wait_for_answer(places, programs):
            return False
        _shut_down(places)  # it lives, but its socket was removed: only a restart makes a new one
    version = binaries.major_version(programs, user)
    if os.path.lexists(places.data):
        _check_version(places.data, version)
        postmaster.make_way(places.data)
    else:
        postmaster.end_doomed(places.socket_dir, PORT)
        _initialize(places, programs, user)
    _make_socket_dir(places.socket_dir, user)
    _launch(places, programs, user)
    return True


def _wait_for_answer(places: Places, programs: Path) -> bool:
    """Wait until a running server answers; False if it cannot, because its socket was removed."""
    deadline = time.monotonic() + ANSWERS_WITHIN
    while not _answers(places, programs):
        ready = (places.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[-1].strip() == "ready"
        if ready and not (places.socket_dir / f".s.PGSQL.{PORT}").exists():
            return False
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded database runs but does not answer within {ANSWERS_WITHIN:.0f} seconds; {places.log} may "
                "say why. `make stop` ends it."
            )
        time.sleep(0.2)
    return True


def _check_version(data: Path, version: int) -> None:
    try:
        written_by = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        written_by = "an unknown version"
    if written_by != str(version):
        raise EmbeddedPostgresError(
            f"{data} was written by PostgreSQL {written_by}, the programs here are of version {version}. Name "
            f"PostgreSQL {written_by}'s programs with SALESBRAIN_PG_BIN to keep the data, or forget them: `make clean`."
        )


def _initialize(places: Places, programs: Path, user: OsUser) -> None:
    """Create the data folder under a temporary name and rename it, so that an interrupted initdb never looks complete."""
    if places.home.is_relative_to(STATE):
        os_user.make_folder(STATE)
    os_user.make_folder(places.home, owner=user, mode=0o700)
    if os_user.owner_of(places.home) != user:
        raise EmbeddedPostgresError(
            f"{places.home} belongs to {os_user.owner_of(places.home).name}, the database would run as {user.name}. "
            "Remove that folder (it holds no data) and try again."
        )
    places.marker.unlink(missing_ok=True)
    beside = places.home / "data.unfinished"
    if beside.exists():
        shutil.rmtree(beside)
    code, output = os_user.run([programs / "initdb", "-D", beside, *INITDB], user)
    if code:
        shutil.rmtree(beside, ignore_errors=True)
        raise from_output("The embedded database could not be made", output, places.home)
    beside.rename(places.data)


def _make_socket_dir(folder: Path, user: OsUser) -> None:
    """Create the socket's folder, empty and private; refuse one that another user created."""
    if os.path.lexists(folder):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid:
            raise EmbeddedPostgresError(f"{folder} is in the way and is not ours. Remove it and try again.")
        shutil.rmtree(folder)  # sockets of a killed server; their lock file would be believed like postmaster.pid
    folder.mkdir(mode=0o700)
    if os_user.is_root():
        os.chown(folder, user.uid, user.gid)


def _launch(places: Places, programs: Path, user: OsUser) -> None:
    if places.log.exists() and places.log.stat().st_size > LOG_KEPT:
        places.log.replace(places.log.with_name(f"{places.log.name}.1"))
    seen = places.log.stat().st_size if places.log.exists() else 0
    settings = SETTINGS | {"unix_socket_directories": str(places.socket_dir)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    command: list[str | Path] = [
        programs / "pg_ctl",
        "start",
        "-D",
        places.data,
        "-l",
        places.log,
        "-w",
        "-t",
        f"{ANSWERS_WITHIN:.0f}",
    ]
    code, output = os_user.run([*command, "-o", options], user, timeout=ANSWERS_WITHIN + 30)
    if code:
        with places.log.open("rb") if places.log.exists() else open(os.devnull, "rb") as log:
            log.seek(seen)
            output = log.read().decode(errors="replace") or output
        shutil.rmtree(places.socket_dir, ignore_errors=True)
        raise from_output("The embedded database did not start", output, places.data)


def _shut_down(places: Places) -> None:
    user = places.user
    command: list[str | Path] = [
        binaries.folder(user) / "pg_ctl",
        "stop",
        "-D",
        places.data,
        "-m",
        "fast",
        "-w",
        "-t",
        "60",
    ]
    code, output = os_user.run(command, user)
    if code:
        raise from_output("The embedded database did not stop", output, places.data)
    shutil.rmtree(places.socket_dir, ignore_errors=True)


def _write_as(file: Path, text: str, user: OsUser) -> None:
    file.write_text(text, encoding="utf-8")
    if os_user.is_root():
        os.chown(file, user.uid, user.gid)
