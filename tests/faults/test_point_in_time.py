"""Point-in-time recovery from a base backup and archived write-ahead log, after an accident.

The steps are those of docs/en/runbooks.md, "Recover to a moment before an accident".
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from salesbrain import embedded_postgres
from salesbrain.embedded_postgres import binaries, os_user, postmaster
from salesbrain.embedded_postgres.paths import PORT
from tests.faults.installation import Installation, free_port, kill, until
from tests.faults.test_backup import ROWS
from tests.faults.traffic import Traffic

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1200)]
RECORDED = "SELECT count(*) FROM messaging_event"
LOGGED = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpersistence = 'p'
    ORDER BY 1"""
ARCHIVED = "SELECT coalesce(last_archived_wal, '') >= '{}' FROM pg_stat_archiver"
ARCHIVING = ("archive_mode", "archive_command")


@dataclass
class Recovered:
    """A server recovered from the base backup, in a folder of its own; answers at the folder's socket."""

    installation: Installation
    folder: Path

    @property
    def socket_dir(self) -> Path:
        return self.folder

    def run(self, name: str, *arguments: str | Path) -> str:
        user = self.installation.places.user
        code, output = os_user.run([binaries.folder(user) / name, *arguments], user)
        assert code == 0, output
        return output

    def start(self) -> None:
        options = f"-c unix_socket_directories='{self.folder}' -c port={PORT} -c listen_addresses=''"
        self.run(
            "pg_ctl", "start", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-t", "120", "-o", options
        )


@pytest.fixture
def archive(installation: Installation) -> Iterator[Path]:
    """A folder that the server archives its write-ahead log to."""
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-archive-", dir="/tmp"))
    if os_user.is_root():
        os.chown(folder, installation.places.user.uid, installation.places.user.gid)
    with installation.superuser("postgres") as connection:
        connection.execute("ALTER SYSTEM SET archive_mode = on")
        connection.execute(f"ALTER SYSTEM SET archive_command = 'test ! -f {folder}/%f && cp %p {folder}/%f'")
    _restart(installation)
    yield folder
    with installation.superuser("postgres") as connection:
        for name in ARCHIVING:
            connection.execute(f"ALTER SYSTEM RESET {name}")
    _restart(installation)
    shutil.rmtree(folder)


@pytest.fixture
def recovered(installation: Installation) -> Iterator[Recovered]:
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-recovered-", dir="/tmp"))
    if os_user.is_root():
        os.chown(folder, installation.places.user.uid, installation.places.user.gid)
    made = Recovered(installation, folder)
    yield made
    if postmaster.running(folder / "data") is not None:
        made.run("pg_ctl", "stop", "-D", folder / "data", "-m", "immediate", "-w")
    shutil.rmtree(folder)


def _restart(installation: Installation) -> None:
    embedded_postgres.stop(installation.places)
    embedded_postgres.ensure_running(installation.places)


def every_row(installation: Installation) -> dict[str, object]:
    """Return count and sum of hashes of all rows; unlogged tables are empty after a recovery, as after a crash."""
    return {name: installation.ask(ROWS.format(name)) for (name,) in installation.ask(LOGGED)}


def test_everything_until_before_the_accident_comes_back(
    installation: Installation, archive: Path, recovered: Recovered
):
    web, worker = installation.start_web(), installation.start_worker()
    with Traffic(installation, seed=61) as traffic:
        until(lambda: installation.ask(RECORDED)[0][0] > 100, "events are recorded")
        recovered.run(
            "pg_basebackup", "-h", installation.places.socket_dir, "-p", str(PORT), "-U", "postgres",
            "-D", recovered.folder / "data", "-X", "none", "-c", "fast",
        )  # fmt: skip
        # -n: the log between its beginning and end is in the archive, and not beside it
        recovered.run("pg_verifybackup", "-n", recovered.folder / "data")
        since = len(traffic.acknowledged)
        until(lambda: len(traffic.acknowledged) > since + 100, "more is acknowledged after the base backup")
    kill(web)
    kill(worker)
    assert installation.start_worker("--once").wait(300) == 0
    before = every_row(installation)
    moment = installation.ask("SELECT clock_timestamp()::text")[0][0]

    deleted = installation.ask("WITH gone AS (DELETE FROM messaging_event RETURNING 1) SELECT count(*) FROM gone")[0][0]
    assert deleted > 200
    segment = installation.ask("SELECT pg_walfile_name(pg_switch_wal())")[0][0]
    until(lambda: installation.ask(ARCHIVED.format(segment)) == [(True,)], "the log with the accident is archived")

    with (recovered.folder / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\narchive_mode = off\n")
    signal = recovered.folder / "data" / "recovery.signal"
    signal.touch()
    if os_user.is_root():
        os.chown(signal, installation.places.user.uid, installation.places.user.gid)
    recovered.start()

    server = embedded_postgres.paths.Server(recovered.folder)
    again = replace(
        installation,
        places=recovered,  # type: ignore[arg-type]  # it has what is asked of places: the socket's folder
        environment={
            **installation.environment,
            "DATABASE_URL": server.url("sb_app"),
            "DATABASE_OWNER_URL": server.url("sb_owner"),
        },
        port=free_port(),
        running=[],
        facts={},
    )
    until(lambda: again.ask("SELECT pg_is_in_recovery()") == [(False,)], "recovery has ended at its target")
    assert every_row(again) == before
    again.run("migrate", "--check")
    try:
        again.start_web()
        ready = f"http://127.0.0.1:{again.port}/readyz"
        until(lambda: requests.get(ready, timeout=30).status_code == 200, "the recovered installation is ready")
        again.start_worker()
        more = {body for n in range(5) if again.post(body := again.body(80_000 + n)).status_code == 200}
        assert len(more) == 5
        again.assert_nothing_is_lost_or_double(traffic.acknowledged | more)
        installation.facts |= again.facts
    finally:
        for process in again.running:
            kill(process)
