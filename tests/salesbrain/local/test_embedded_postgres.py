"""Launcher of the embedded PostgreSQL, on servers of its own: every known failure."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from salesbrain import embedded_postgres
from salesbrain.embedded_postgres import (
    EmbeddedPostgresError,
    Stop,
    binaries,
    errors,
    os_user,
    paths,
    postmaster,
    server,
)
from salesbrain.embedded_postgres.paths import Places

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to somebody else")


DURABLE = server.SETTINGS


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch off waiting for the disk (fsync) for the thirty servers of this file, except in the test that checks it."""
    monkeypatch.setattr(server, "SETTINGS", DURABLE | {"fsync": "off"})
    monkeypatch.setattr(server, "INITDB", (*server.INITDB, "--no-sync"))


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in place of /var/lib/salesbrain. Under /tmp and open, because pytest's own folders are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="salesbrain-test-", dir="/tmp"))
    folder.chmod(0o755)
    monkeypatch.setattr(paths, "STATE", folder / "lib")
    monkeypatch.setattr(binaries, "STATE", folder / "lib")
    monkeypatch.setattr(server, "STATE", folder / "lib")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def checkout(state: Path) -> Iterator[Callable[[str], Places]]:
    """Return a function that creates a checkout by name; servers running in it are stopped at the end."""
    given: list[Places] = []

    def give(name: str = "checkout") -> Places:
        (state / name).mkdir(exist_ok=True)
        given.append(Places(state / name))
        return given[-1]

    yield give
    for one in given:
        if postmaster.running(one.data):
            embedded_postgres.stop(one)
        shutil.rmtree(one.socket_dir, ignore_errors=True)


@pytest.fixture
def places_(checkout: Callable[..., Places]) -> Places:
    return checkout()


def ask(where: Places, sql: str, user: str = "postgres", database: str = "salesbrain") -> list[tuple]:
    answers_at = embedded_postgres.address(where)
    with psycopg.connect(
        host=str(answers_at.socket_dir), port=answers_at.port, user=user, dbname=database, autocommit=True
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def kill_server(where: Places) -> int:
    number = postmaster.running(where.data)
    assert number
    process = psutil.Process(number)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    return number


def test_a_new_checkout_gets_a_server_with_the_roles_of_the_design(places_: Places) -> None:
    found = embedded_postgres.ensure_running(places_)

    assert found.started
    roles = ask(
        places_,
        "SELECT rolname, rolcanlogin, rolinherit, rolcreatedb, rolsuper OR rolbypassrls OR rolcreaterole "
        "FROM pg_roles WHERE rolname LIKE 'sb\\_%' ORDER BY 1",
    )
    assert roles == [
        ("sb_app", True, False, False, False),
        ("sb_definer", False, True, False, False),
        ("sb_owner", True, True, True, False),
        ("sb_staff", False, True, False, False),
    ]
    members = ask(
        places_,
        "SELECT member::regrole::text, roleid::regrole::text, inherit_option, set_option, admin_option "
        "FROM pg_auth_members WHERE member::regrole::text LIKE 'sb\\_%' ORDER BY 1",
    )
    assert members == [("sb_app", "sb_staff", False, True, False), ("sb_owner", "sb_definer", False, True, False)]
    assert ask(places_, "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'salesbrain'") == [("sb_owner",)]


def test_the_addresses_log_in_as_the_two_roles(places_: Places) -> None:
    found = embedded_postgres.ensure_running(places_)

    for role in ("sb_app", "sb_owner"):
        with psycopg.connect(found.url(role)) as connection:
            assert connection.execute("SELECT session_user, current_database()").fetchone() == (role, "salesbrain")


def test_the_server_is_durable_speaks_utc_and_listens_on_no_network(
    places_: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Chicago")  # as Django exports it where TIME_ZONE is not set
    monkeypatch.setattr(server, "SETTINGS", DURABLE)
    embedded_postgres.ensure_running(places_)

    names = ("fsync", "full_page_writes", "listen_addresses", "log_timezone", "synchronous_commit", "TimeZone")
    said = dict(ask(places_, f"SELECT name, setting FROM pg_settings WHERE name IN {names}"))
    assert said == {
        "fsync": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "log_timezone": "UTC",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
    }
    assert "America" not in (places_.data / "postgresql.conf").read_text()
    process = psutil.Process(postmaster.running(places_.data))
    assert process.net_connections(kind="inet") == []
    assert places_.socket_dir.stat().st_mode & 0o777 == 0o700


def test_a_second_call_attaches_and_keeps_the_data(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    ask(places_, "CREATE TABLE kept AS SELECT 1 AS one")

    assert not embedded_postgres.ensure_running(places_).started
    assert ask(places_, "SELECT one FROM kept") == [(1,)]


def test_several_processes_at_once_start_one_server(places_: Places) -> None:
    start = (
        "import sys; from pathlib import Path; from salesbrain.embedded_postgres import ensure_running, paths; "
        "print(ensure_running(paths.Places(Path(sys.argv[1]))).started)"
    )
    command = [sys.executable, "-c", start, str(places_.checkout)]
    with ThreadPoolExecutor(4) as pool:
        said = list(
            pool.map(lambda _: subprocess.run(command, capture_output=True, text=True, check=True).stdout, range(4))
        )

    assert sorted(line.strip() for line in said) == ["False", "False", "False", "True"]


def test_two_processes_that_ask_for_the_id_at_once_get_the_same(
    places_: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds no id, waits for the lock, and then finds the one the first has made."""
    second = Places(places_.checkout)
    look = Places._known_identity
    looks: list[str | None] = []

    def look_too_early(self: Places) -> str | None:
        if not looks:
            looks.append(look(self))
            assert places_.identity
            return looks[0]
        return look(self)

    monkeypatch.setattr(Places, "_known_identity", look_too_early)

    assert second.identity == places_.identity
    assert looks == [None]


def test_the_place_is_the_same_in_every_shell(places_: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = embedded_postgres.address(places_)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert embedded_postgres.address(Places(places_.checkout)) == before
    assert len(str(before.socket_dir / f".s.PGSQL.{before.port}")) < 100


def test_committed_rows_survive_a_killed_server(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    ask(places_, "CREATE TABLE kept AS SELECT 1 AS one")
    killed = kill_server(places_)
    assert (places_.data / "postmaster.pid").exists()

    assert embedded_postgres.ensure_running(places_).started
    assert postmaster.running(places_.data) != killed
    assert ask(places_, "SELECT one FROM kept") == [(1,)]


def test_a_lock_file_that_names_another_process_does_not_prevent_the_start(places_: Places) -> None:
    """After a reboot the killed server's number may belong to any other process of the same user."""
    embedded_postgres.ensure_running(places_)
    user = places_.user
    kill_server(places_)
    stranger = subprocess.Popen(["sleep", "300"], user=user.uid if os_user.is_root() else None)
    try:
        for file in (places_.data / "postmaster.pid", places_.socket_dir / ".s.PGSQL.5432.lock"):
            lines = file.read_text().splitlines(keepends=True)
            file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))

        assert postmaster.running(places_.data) is None
        assert embedded_postgres.ensure_running(places_).started
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_empty_lock_file_does_not_prevent_the_start(places_: Places) -> None:
    """A disk that was full when the lock file was written leaves an empty one."""
    embedded_postgres.ensure_running(places_)
    kill_server(places_)
    (places_.data / "postmaster.pid").write_text("")

    assert embedded_postgres.ensure_running(places_).started


def test_an_interrupted_initdb_is_started_again(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    embedded_postgres.stop(places_)
    places_.data.rename(places_.home / "data.unfinished")
    (places_.home / "data.unfinished" / "PG_VERSION").unlink()

    assert embedded_postgres.ensure_running(places_).started
    assert ask(places_, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'sb\\_%'") == [(4,)]


def test_roles_that_were_not_made_before_a_kill_are_made_at_the_next_start(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    places_.marker.unlink()
    ask(places_, "DROP DATABASE salesbrain", database="postgres")

    assert not embedded_postgres.ensure_running(places_).started
    assert ask(places_, "SELECT 1", user="sb_app") == [(1,)]


def test_a_server_whose_socket_was_removed_is_restarted(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    shutil.rmtree(places_.socket_dir)

    embedded_postgres.ensure_running(places_)
    assert ask(places_, "SELECT 1") == [(1,)]


def test_another_clone_at_the_same_path_does_not_attach(state: Path, checkout: Callable[..., Places]) -> None:
    first = checkout()
    embedded_postgres.ensure_running(first)
    ask(first, "CREATE TABLE theirs AS SELECT 1 AS one")
    first.checkout.rename(state / "moved-away")
    again = checkout()

    assert embedded_postgres.ensure_running(again).started
    assert ask(again, "SELECT to_regclass('theirs')") == [(None,)]
    embedded_postgres.stop(Places(state / "moved-away"))


def test_a_moved_checkout_keeps_its_database_and_a_copy_gets_its_own(
    state: Path, checkout: Callable[..., Places]
) -> None:
    original = checkout()
    embedded_postgres.ensure_running(original)
    embedded_postgres.stop(original)
    subprocess.run(["cp", "-a", original.checkout, state / "copy"], check=True)
    copy = checkout("copy")
    assert copy.identity != original.identity

    embedded_postgres.ensure_running(copy)
    embedded_postgres.ensure_running(original)
    assert postmaster.running(copy.data) != postmaster.running(original.data)

    embedded_postgres.stop(original)
    original.checkout.rename(state / "moved")
    assert checkout("moved").identity == original.identity


def test_a_copy_of_a_running_servers_data_is_refused(state: Path, checkout: Callable[..., Places]) -> None:
    original = checkout()
    embedded_postgres.ensure_running(original)
    subprocess.run(["cp", "-a", original.checkout, state / "copy"], check=True)

    with pytest.raises(EmbeddedPostgresError, match="copied from .* while the server there was running"):
        embedded_postgres.ensure_running(checkout("copy"))


def test_data_that_were_removed_under_a_running_server_are_made_again(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    doomed = psutil.Process(postmaster.running(places_.data))
    shutil.rmtree(places_.home)

    assert embedded_postgres.ensure_running(places_).started
    assert not doomed.is_running() or doomed.status() == psutil.STATUS_ZOMBIE


def test_data_of_another_major_version_are_refused_in_one_line(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    embedded_postgres.stop(places_)
    (places_.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(
        EmbeddedPostgresError, match=r"written by PostgreSQL 16, the programs here are of version \d+\."
    ):
        embedded_postgres.ensure_running(places_)


def test_a_failed_start_is_explained_in_one_line(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)
    embedded_postgres.stop(places_)
    with (places_.data / "postgresql.conf").open("a") as configuration:
        configuration.write("max_connections = many\n")

    with pytest.raises(EmbeddedPostgresError, match="did not start: .*FATAL.*postgresql.conf") as refused:
        embedded_postgres.ensure_running(places_)
    assert "\n" not in str(refused.value)
    assert not places_.socket_dir.exists()


def test_programs_that_are_not_there_are_named(places_: Places, monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.setenv("SALESBRAIN_PG_BIN", str(state))

    with pytest.raises(EmbeddedPostgresError, match="SALESBRAIN_PG_BIN names .* postgres, initdb, pg_ctl, pg_isready"):
        embedded_postgres.ensure_running(places_)


def test_a_full_disk_gives_one_line() -> None:
    with pytest.raises(EmbeddedPostgresError, match="^The disk is full"), errors.plain_errors(Path("/data")):
        raise OSError(28, "No space left on device")

    with pytest.raises(EmbeddedPostgresError, match="^The disk is full"), errors.plain_errors(Path("/data")):
        raise psycopg.errors.DiskFull("could not extend file")

    printed = 'LOG: starting\nFATAL: could not write lock file "postmaster.pid": No space left on device\nstopped'
    assert str(errors.from_output("It did not start", printed, Path("/data"))).startswith("The disk is full")


def test_stopping_leaves_nothing_behind_but_the_data(places_: Places) -> None:
    embedded_postgres.ensure_running(places_)

    assert embedded_postgres.stop(places_) is Stop.STOPPED
    assert embedded_postgres.stop(places_) is Stop.NOT_RUNNING
    assert not places_.socket_dir.exists()
    assert "does not run" in embedded_postgres.status(places_)


def test_a_server_in_use_is_neither_stopped_nor_deleted(places_: Places) -> None:
    found = embedded_postgres.ensure_running(places_)
    with psycopg.connect(found.url()):
        assert embedded_postgres.stop(places_, if_unused=True) is Stop.IN_USE
        with pytest.raises(EmbeddedPostgresError, match="is in use"):
            embedded_postgres.clean(places_)
    assert ask(places_, "SELECT 1") == [(1,)]


def test_cleaning_stops_the_server_and_forgets_the_data(places_: Places) -> None:
    found = embedded_postgres.ensure_running(places_)
    going = threading.Timer(0.5, psycopg.connect(found.url()).close)  # as after a program that has just ended
    going.start()

    embedded_postgres.clean(places_)
    going.join()

    assert not places_.home.exists()
    assert not places_.socket_dir.exists()


@as_root
def test_root_never_opens_a_closed_folder_and_puts_the_data_elsewhere(state: Path) -> None:
    home = state / "home"
    (home / "checkout").mkdir(parents=True)
    home.chmod(0o700)
    closed = Places(home / "checkout")
    try:
        embedded_postgres.ensure_running(closed)

        assert ask(closed, "SELECT 1", user="sb_app") == [(1,)]
        assert closed.data.is_relative_to(state / "lib" / closed.identity)
        assert home.stat().st_mode & 0o777 == 0o700
    finally:
        embedded_postgres.clean(closed)


@as_root
def test_root_copies_programs_the_servers_user_cannot_reach(
    state: Path, places_: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = binaries.in_wheel()
    closed = state / "home"
    closed.mkdir(mode=0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / part).symlink_to(original.parents[2] / part)
    monkeypatch.setattr(binaries, "in_wheel", lambda: closed / original.relative_to(original.parents[2]))

    embedded_postgres.ensure_running(places_)

    (copy,) = (state / "lib").glob("programs-*")
    assert Path(psutil.Process(postmaster.running(places_.data)).exe()).is_relative_to(copy)
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_root_in_a_users_checkout_acts_as_that_user(state: Path) -> None:
    somebody = pwd.getpwnam("daemon")
    (state / "checkout").mkdir()
    os.chown(state / "checkout", somebody.pw_uid, somebody.pw_gid)
    theirs = Places(state / "checkout")
    try:
        embedded_postgres.ensure_running(theirs)

        assert psutil.Process(postmaster.running(theirs.data)).uids().effective == somebody.pw_uid
        made = [theirs.local, *theirs.local.iterdir(), theirs.data, theirs.marker, theirs.log]
        assert {path.stat().st_uid for path in made} == {somebody.pw_uid}
    finally:
        embedded_postgres.stop(theirs)


@as_root
def test_root_runs_existing_data_as_their_owner_and_keeps_the_owner(state: Path) -> None:
    somebody = pwd.getpwnam("daemon")
    (state / "checkout").mkdir()
    os.chown(state / "checkout", somebody.pw_uid, somebody.pw_gid)
    theirs = Places(state / "checkout")
    try:
        embedded_postgres.ensure_running(theirs)
        embedded_postgres.stop(theirs)
        os.chown(state / "checkout", 0, 0)  # the checkout is root's now; its data are not

        embedded_postgres.ensure_running(Places(state / "checkout"))
        assert theirs.data.stat().st_uid == somebody.pw_uid
        assert psutil.Process(postmaster.running(theirs.data)).uids().effective == somebody.pw_uid
    finally:
        embedded_postgres.stop(theirs)


def test_another_users_data_are_reported_with_their_owner(places_: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded_postgres.ensure_running(places_)
    embedded_postgres.stop(places_)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)

    with pytest.raises(EmbeddedPostgresError, match=f"belongs to {os_user.owner_of(places_.data).name}, who made it"):
        embedded_postgres.ensure_running(Places(places_.checkout))
