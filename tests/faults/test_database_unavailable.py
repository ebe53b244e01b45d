"""Database killed, hanging, read-only or full: webhooks answered 503 in time, then stored."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from salesbrain import embedded_postgres
from tests.faults.installation import Installation, until

THREADS = 4


def assert_refused_in_time(installation: Installation, *numbers: int) -> None:
    """Assert that concurrent deliveries get 503 with Retry-After within 5 seconds."""
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda n: installation.post(installation.body(n)), numbers))
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert answer.json()["success"] is False
        assert int(answer.headers["Retry-After"]) > 0


def assert_stored(installation: Installation, number: int) -> bytes:
    body = installation.body(number)
    answer = installation.post(body)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "accepted"})
    return body


def warm(installation: Installation) -> set[bytes]:
    """Open the database connection of every thread of the web server."""
    with ThreadPoolExecutor(THREADS * 3) as pool:
        return set(pool.map(lambda n: assert_stored(installation, n), range(THREADS * 10)))


def test_a_dead_database_is_a_refusal_and_the_first_delivery_after_it_is_stored(installation: Installation):
    installation.start_web()
    stored = warm(installation)
    installation.stop_the_database_at_once()
    assert_refused_in_time(installation, *range(100, 104))
    assert_refused_in_time(installation, *range(100, 104))
    embedded_postgres.ensure_running(installation.places)
    stored.add(assert_stored(installation, 100))
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(stored)


def test_a_database_restarted_between_two_deliveries_is_not_noticed(installation: Installation):
    installation.start_web()
    stored = warm(installation)
    installation.stop_the_database_at_once()
    embedded_postgres.ensure_running(installation.places)
    with ThreadPoolExecutor(THREADS) as pool:
        stored |= set(pool.map(lambda n: assert_stored(installation, n), range(200, 212)))
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(stored)


def test_a_hanging_database_is_a_refusal_in_time_on_kept_connections_and_on_new_ones(installation: Installation):
    installation.start_web()
    installation.start_worker()
    stored = warm(installation)
    installation.hang_the_database()
    assert_refused_in_time(installation, *range(300, 304))  # on the connections the threads have
    assert_refused_in_time(installation, *range(300, 304))  # those are gone: connecting hangs
    installation.resume_the_database()
    stored.add(assert_stored(installation, 304))
    installation.assert_nothing_is_lost_or_double(stored)


@pytest.mark.thorough
def test_a_database_that_hangs_from_the_start_is_a_refusal_in_time(installation: Installation):
    """A web server that has not loaded the secrets yet and cannot reach the database answers 503, not 401."""
    installation.start_web()
    installation.hang_the_database()
    assert_refused_in_time(installation, *range(4))
    installation.resume_the_database()
    stored = assert_stored(installation, 0)
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double({stored})


@pytest.mark.thorough
def test_a_read_only_database_is_answered_503(installation: Installation):
    installation.start_web()
    stored = warm(installation)
    with installation.superuser() as connection:
        connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        connection.execute("SELECT pg_reload_conf()")
        try:
            until(lambda: installation.ask("SHOW default_transaction_read_only") == [("on",)], "it lets nobody write")
            assert_refused_in_time(installation, *range(400, 404))
        finally:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")
    until(lambda: installation.ask("SHOW default_transaction_read_only") == [("off",)], "it may be written again")
    stored.add(assert_stored(installation, 400))
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(stored)


@pytest.mark.thorough
def test_a_locked_table_is_a_refusal_and_not_a_long_wait(installation: Installation):
    installation.start_web()
    stored = warm(installation)
    with installation.superuser() as connection, connection.transaction():
        connection.execute("LOCK TABLE instantly_delivery IN ACCESS EXCLUSIVE MODE")
        assert_refused_in_time(installation, *range(500, 504))
    stored.add(assert_stored(installation, 500))
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double(stored)


@pytest.fixture
def small_disk(installation: Installation) -> Iterator[Path]:
    """The installation's tables on a disk of 48 MB (the write-ahead log stays elsewhere)."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-disk-", dir="/tmp"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m,mode=755", "tmpfs", folder], check=False).returncode:
        folder.rmdir()
        pytest.skip("this machine does not let root mount a small disk")
    try:
        (folder / "space").mkdir(mode=0o700)
        owner = installation.places.user
        os.chown(folder / "space", owner.uid, owner.gid)
        _move_tables(installation, folder / "space")
        yield folder
        (folder / "filler").unlink(missing_ok=True)
        _move_tables(installation, None)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        folder.rmdir()


def _move_tables(installation: Installation, to: Path | None) -> None:
    with psycopg.connect(
        host=str(installation.places.socket_dir), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'salesbrain'")
        if to:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{to}'")
            connection.execute("ALTER DATABASE salesbrain SET TABLESPACE small")
        else:
            connection.execute("ALTER DATABASE salesbrain SET TABLESPACE pg_default")
            connection.execute("DROP TABLESPACE small")


def test_a_full_disk_is_answered_503_and_acknowledged_deliveries_survive(installation: Installation, small_disk: Path):
    installation.start_web()
    stored = warm(installation)
    fill(small_disk / "filler")
    big = installation.body(600)[:-1] + b',"notes":"' + os.urandom(500_000).hex().encode() + b'"}'
    answer = installation.post(big)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    (small_disk / "filler").unlink()
    answer = installation.post(big)
    assert (answer.status_code, answer.json()["message"]) == (200, "accepted")
    installation.start_worker()
    installation.assert_nothing_is_lost_or_double({*stored, big})


def fill(file: Path) -> None:
    """Fill the file system that holds `file`."""
    with file.open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(65_536))
        except OSError:
            return
