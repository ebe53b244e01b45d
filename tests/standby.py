"""Hot standby of an embedded PostgreSQL, made by pg_basebackup and fed by streaming replication."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psutil
import psycopg

from salesbrain.embedded_postgres import binaries, os_user, postmaster
from salesbrain.embedded_postgres.paths import PORT, Places

SUPERUSER = "postgres"
PATIENCE = 60.0  # seconds until something that must come is given up; nothing is asserted about how long it took
POSITION = "SELECT ({} - '0/0'::pg_lsn)::bigint"


@dataclass
class Standby:
    """A running standby in `folder`, which holds its data, its log and its socket."""

    primary: Places
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, role: str = "sb_app", database: str = "salesbrain") -> str:
        return f"postgres://{role}@/{database}?host={self.folder}&port={PORT}"

    def ask(self, query: str) -> Any:
        return _ask(self.folder, query)

    def pause(self) -> None:
        """Stop replaying; return when it has stopped, so that nothing committed from now on is visible here."""
        self.ask("SELECT pg_wal_replay_pause()")
        self._until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", "replay has paused")

    def resume(self) -> None:
        self.ask("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Return when everything that is committed on the primary now is visible here."""
        # Not what is flushed: the test server commits before it flushes (synchronous_commit = off).
        written = _ask(self.primary.socket_dir, POSITION.format("pg_current_wal_insert_lsn()"))
        replayed = POSITION.format("pg_last_wal_replay_lsn()")
        self._until(lambda: self.ask(replayed) >= written, "the standby has replayed what the primary wrote")

    def start(self) -> None:
        settings = {"unix_socket_directories": self.folder, "port": PORT, "listen_addresses": "", "hot_standby": "on"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "start", "-D", self.data, "-l", self.folder / "server.log", "-w", "-t", "60", "-o", options)

    def stop_at_once(self) -> None:
        """Stop like a power cut."""
        self._run("pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-w")

    def hang(self) -> None:
        """Stop every process of it (SIGSTOP): nothing is refused and nothing answered."""
        for process in self._processes():
            process.suspend()

    def go_on(self) -> None:
        for process in self._processes():
            process.resume()

    def _processes(self) -> list[psutil.Process]:
        number = postmaster.running(self.data)
        server = [psutil.Process(number)] if number else []
        return [*server, *(child for each in server for child in each.children(recursive=True))]

    def _run(self, name: str, *arguments: str | Path) -> None:
        user = self.primary.user
        code, output = os_user.run([binaries.folder(user) / name, *arguments], user)
        assert code == 0, output

    def _until(self, true: Any, what: str) -> None:
        deadline = monotonic() + PATIENCE
        while not true():
            assert monotonic() < deadline, f"waited in vain until {what}"
            sleep(0.02)


@contextmanager
def standby(places: Places) -> Iterator[Standby]:
    """Copy the running server at `places` and start the copy as its standby; remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-standby-", dir="/tmp"))
    if os_user.is_root():
        os.chown(folder, places.user.uid, places.user.gid)
    made = Standby(places, folder)
    try:
        made._run(
            "pg_basebackup", "-h", places.socket_dir, "-p", str(PORT), "-U", SUPERUSER, "-D", made.data,
            "-R", "-X", "stream", "-c", "fast",
        )  # fmt: skip
        made.start()
        yield made
    finally:
        if postmaster.running(made.data) is not None:
            made.go_on()
            made.stop_at_once()
        shutil.rmtree(folder, ignore_errors=True)


def _ask(socket_dir: Path, query: str) -> Any:
    """Return the only value of a query, asked as the superuser."""
    with psycopg.connect(
        host=str(socket_dir), port=PORT, user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=10
    ) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None
