"""Launcher behind `make run` and `make stop`, and the database commands.

.ci/smoke.py tries all of it in a clone.
"""

import json
import logging
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.message import Message
from io import StringIO
from pathlib import Path
from urllib.error import HTTPError

import psutil
import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from honcho.environ import parse_procfile
from pytest_django import Settings

import manage
from salesbrain import embedded_postgres
from salesbrain.kernel import run_environment
from salesbrain.kernel.env import BASE_DIR
from salesbrain.local.run import launcher, lock, ports, processes, wait_for
from salesbrain.local.run.errors import RunError
from salesbrain.local.run.log_filter import MeantThreads
from salesbrain.management.commands import prepare_database

HOLD = """
import sys, time
from pathlib import Path
from salesbrain.local.run import lock
with lock.run_lock(Path(sys.argv[1]), url="http://127.0.0.1:9", environment={"PORT": "9", "EMULATOR_PORT": "10"}):
    print("held", flush=True)
    time.sleep(300)
"""


@pytest.fixture
def other_run(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Start another process that holds the run lock of a checkout."""
    file = tmp_path / "run.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, file], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield file, process
        process.kill()


def test_a_second_run_is_refused_with_the_firsts_address(other_run: tuple[Path, subprocess.Popen[str]]) -> None:
    file, process = other_run

    told = f"already runs .* at http://127.0.0.1:9 .process {process.pid}.*make stop"
    with pytest.raises(RunError, match=told), lock.run_lock(file, url="http://127.0.0.1:8", environment={}):
        pass


def test_a_killed_run_holds_no_lock(other_run: tuple[Path, subprocess.Popen[str]]) -> None:
    file, process = other_run
    process.kill()
    process.wait()

    assert lock.holder(file) is None
    with lock.run_lock(file, url="http://127.0.0.1:8", environment={}):
        pass


def test_a_command_in_a_second_terminal_knows_the_ports_of_the_run(
    other_run: tuple[Path, subprocess.Popen[str]],
) -> None:
    file, process = other_run
    assert run_environment.environment_of_run(file) == {"PORT": "9", "EMULATOR_PORT": "10"}
    process.kill()
    process.wait()
    assert run_environment.environment_of_run(file) == {}, "a run that is gone left the file"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "environment": {}}'])
def test_a_lock_file_without_a_run_gives_an_empty_environment(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.lock"
    assert run_environment.environment_of_run(file) == {}
    file.write_text(text)
    assert run_environment.environment_of_run(file) == {}


def test_a_process_number_reused_by_another_program_is_not_a_run(tmp_path: Path) -> None:
    file = tmp_path / "run.lock"
    file.write_text(json.dumps({"pid": os.getppid(), "environment": {"PORT": "9"}}))
    assert run_environment.environment_of_run(file) == {}


def test_environment_order_terminal_then_run_then_env_file(
    other_run: tuple[Path, subprocess.Popen[str]], tmp_path: Path
) -> None:
    """Simulate a checkout in tmp_path whose .env was copied from .env.example."""
    file, _ = other_run
    kernel = tmp_path / "salesbrain" / "kernel"
    kernel.mkdir(parents=True)
    (tmp_path / ".local").mkdir()
    file.rename(tmp_path / ".local" / "run.lock")
    (tmp_path / ".env").write_text("PORT=8001\nEMULATOR_PORT=8002\n")
    script = (BASE_DIR / "salesbrain" / "kernel" / "env.py").read_text() + "\nprint(env('PORT'), env('EMULATOR_PORT'))"
    (kernel / "elsewhere.py").write_text(script)
    bare = {name: value for name, value in os.environ.items() if name not in ("PORT", "EMULATOR_PORT")}

    def asked(**given: str) -> str:
        command = [sys.executable, str(kernel / "elsewhere.py")]
        return subprocess.check_output(command, env=bare | {"PYTHONPATH": str(BASE_DIR)} | given, text=True)

    assert asked() == "9 10\n"
    assert asked(PORT="7000") == "7000 10\n"


def test_a_run_can_be_stopped_from_another_terminal(other_run: tuple[Path, subprocess.Popen[str]]) -> None:
    file, process = other_run

    assert lock.end_run(file)
    assert process.poll() is not None
    assert not lock.end_run(file)


def test_processes_a_killed_run_left_behind_are_found_by_their_mark_and_ended() -> None:
    mark = f"test-{os.getpid()}"
    ours = subprocess.Popen(["sleep", "300"], env=os.environ | {lock.MARK: mark})
    others = subprocess.Popen(["sleep", "300"], env=os.environ | {lock.MARK: f"{mark}-other"})
    try:
        assert lock.end_leftovers(mark) == 1
        assert ours.poll() is not None
        assert others.poll() is None
    finally:
        for process in (ours, others):
            process.kill()
            process.wait()


def test_a_taken_port_is_refused_with_its_program_and_advice() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = psutil.Process().name()
        with pytest.raises(RunError, match=rf"Port {port} is taken by {program} .*make run EMULATOR_PORT=\d+"):
            ports.require_free(port, "EMULATOR_PORT")
    ports.require_free(port, "PORT")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_an_invalid_port_is_refused(port: int) -> None:
    with pytest.raises(RunError, match="between 1 and 65535"):
        ports.require_free(port, "PORT")


def procfile(folder: Path, **commands: str) -> Path:
    file = folder / "Procfile"
    file.write_text("".join(f"{name}: {command}\n" for name, command in commands.items()))
    return file


@pytest.fixture
def own_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_when_one_process_ends_all_end_and_the_run_has_failed(tmp_path: Path) -> None:
    file = procfile(tmp_path, web="exec sleep 300", worker="exec false")

    assert processes.supervise(file, ["web", "worker"], os.environ) == 1


@pytest.mark.usefixtures("own_signals")
def test_a_run_stopped_before_its_processes_have_started_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """honcho alone raises KeyError here and hears no further signal."""
    file = procfile(tmp_path, web="exec sleep 300", worker="exec sleep 300")
    start = processes.PatientManager._start

    def start_and_stop(manager: processes.PatientManager) -> None:
        start(manager)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(processes.PatientManager, "_start", start_and_stop)

    assert processes.supervise(file, ["web", "worker"], os.environ) == 0


@pytest.mark.usefixtures("own_signals")
def test_every_process_gets_the_same_ports(tmp_path: Path) -> None:
    """honcho would give each process a PORT of its own, and the worker would look for the web server at a wrong one."""
    file = procfile(tmp_path, web="exec sleep 300", worker="echo $PORT > seen; exec false")

    processes.supervise(file, ["web", "worker"], os.environ | {"PORT": "8123"})

    assert (tmp_path / "seen").read_text() == "8123\n"


@pytest.mark.usefixtures("own_signals")
def test_a_process_starts_after_what_it_waits_for_however_that_ends(tmp_path: Path) -> None:
    file = procfile(tmp_path, web="exec sleep 300", jobs="echo jobs >> seen; exec false")

    processes.supervise(file, ["web", "jobs"], os.environ, before={"jobs": "echo waits >> seen; false"})

    assert (tmp_path / "seen").read_text() == "waits\njobs\n"


def test_jobs_wait_for_the_emulator_and_its_history_and_for_nothing_else(settings: Settings) -> None:
    settings.INSTANTLY_BASE_URL, settings.LOCAL_DIR = "http://127.0.0.1:8002", Path("/some where")
    wait = "python -m salesbrain.local.run.wait_for http://127.0.0.1:8002"

    waits = launcher._wait_commands(["web", "worker", "jobs", "replies", "emulator"])

    assert waits == {"jobs": f"{wait} '/some where/demo-history.ndjson'", "replies": wait}
    assert launcher._wait_commands(["web", "worker", "jobs", "replies"]) == {}


def test_waiting_ends_with_any_answer_and_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = iter([ConnectionRefusedError(), HTTPError("/", 404, "Not found", Message(), None)])

    def open_address(url: str, timeout: float) -> None:
        raise next(tries, ConnectionRefusedError())

    monkeypatch.setattr(wait_for, "PAUSE", 0)
    monkeypatch.setattr(wait_for, "urlopen", open_address)

    assert wait_for.answers("http://127.0.0.1:8002", patience=60)
    assert not wait_for.answers("http://127.0.0.1:8002", patience=0.01)


def test_waiting_lasts_until_the_history_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "history"
    file.touch()
    monkeypatch.setattr(wait_for, "answers", lambda url: True)
    monkeypatch.setattr(wait_for.time, "sleep", lambda seconds: file.unlink())

    assert not wait_for.gone(file, patience=0)
    assert wait_for.main("http://127.0.0.1:8002", str(file)) == 0
    assert not file.exists()


def test_a_command_beside_the_run_ends_with_it(tmp_path: Path) -> None:
    place = tmp_path / "number"
    os.mkfifo(place)
    telling = f"import os, pathlib, time; pathlib.Path({str(place)!r}).write_text(str(os.getpid())); time.sleep(300)"

    with processes.running_command(["-c", telling], os.environ):
        child = psutil.Process(int(place.read_text()))
    assert not child.is_running()


def test_the_watching_step_is_called_until_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WATCH_EVERY", 0.001)
    called = threading.Event()

    with processes.calling_regularly(called.set):
        assert called.wait(timeout=30)


def test_every_process_of_the_procfile_is_replaced_by_its_program() -> None:
    """Without `exec` a shell would take the signal, and the program would stay."""
    commands = parse_procfile((BASE_DIR / "Procfile").read_text()).processes

    assert {"web", "worker", "jobs", "replies", "emulator"} <= set(commands)
    assert all(command.startswith("exec ") for command in commands.values())


def test_the_web_server_starts_without_a_warning_about_threads(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Suppress granian's warning about many threads on few cores: eight per process are intended (docs/decisions/0009)."""
    words = shlex.split(parse_procfile((BASE_DIR / "Procfile").read_text()).processes["web"])
    config = json.loads((BASE_DIR / words[words.index("--log-config") + 1]).read_text())
    assert config["loggers"]["_granian"]["filters"] == list(config["filters"])
    assert config["filters"]["meant threads"] == {"()": f"{MeantThreads.__module__}.{MeantThreads.__qualname__}"}
    monkeypatch.setattr("granian.server.common.AbstractServer.serve", lambda *_: None)
    server = Granian("app", interface=Interfaces.WSGI, blocking_threads=10_000)
    log, quiet = logging.getLogger("_granian"), MeantThreads()
    log.addHandler(caplog.handler)
    try:
        server.serve()
        assert [record.levelname for record in caplog.records] == ["WARNING"], "the words of this release of granian"
        log.addFilter(quiet)
        server.serve()
        log.warning("Another one")
    finally:
        log.removeFilter(quiet)
        log.removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.records[1:]] == ["Another one"]


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["migrate"], True),
        (["create_token", "customer@acme.example"], True),
        (["shell"], True),
        ([], False),
        (["help"], False),
        (["--version"], False),
        (["makemigrations", "--help"], False),
        (["run_emulator", "--port", "8002"], False),
        (["collectstatic", "--noinput"], False),
    ],
)
def test_the_embedded_database_is_started_for_commands_that_need_one(arguments: list[str], needed: bool) -> None:
    assert manage.needs_database(arguments) is needed


def test_named_settings_are_known_before_django_reads_them() -> None:
    assert manage.named_settings(["manage.py", "check", "--settings", "other"]) == "other"
    assert manage.named_settings(["manage.py", "check", "--settings=other"]) == "other"
    assert manage.named_settings(["manage.py", "check"]) is None


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db(databases=["default", "inbox", "owner"])
def test_the_printed_addresses_log_in_as_app_and_owner() -> None:
    for arguments, role, admin in (
        (["database_url"], "sb_app", ""),
        (["database_url", "--owner"], "sb_owner", "sb_admin"),
    ):
        with psycopg.connect(output_of(*arguments)) as connection:
            row = connection.execute(
                "SELECT session_user, coalesce(current_setting('app.user_role', true), '')"
            ).fetchone()
        assert row == (role, admin)


def test_an_address_keeps_password_and_odd_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {"USER": "sb_app", "PASSWORD": "p@ss/w:rd?", "HOST": "db.example.com", "PORT": "6432", "NAME": "sales brain"}
    options = {"sslmode": "require", "pool": True}
    with monkeypatch.context() as patched:
        patched.setattr(connections["default"], "settings_dict", odd | {"OPTIONS": options})
        understood = psycopg.conninfo.conninfo_to_dict(output_of("database_url"))

    assert understood == {
        "user": "sb_app",
        "password": "p@ss/w:rd?",
        "host": "db.example.com",
        "port": "6432",
        "dbname": "sales brain",
        "sslmode": "require",
    }


def test_the_printed_roles_are_those_the_embedded_database_gets() -> None:
    said = output_of("database_roles")

    assert said.startswith(embedded_postgres.ROLES_SQL.read_text().strip())
    assert "OWNER sb_owner" in said


@pytest.mark.django_db(databases=["default", "inbox", "owner"])
def test_migrations_through_another_login_than_the_owners_are_refused() -> None:
    with pytest.raises(CommandError, match="Migrations run as the owner"):
        call_command("migrate", database="inbox")
    assert "No migrations to apply" in output_of("migrate")


@pytest.mark.django_db(databases=["default", "inbox", "owner"])
def test_a_server_with_all_roles_is_accepted_and_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_database.require_login("owner", "sb_owner")
    prepare_database.require_roles()

    monkeypatch.setattr(prepare_database, "ROLES", [*prepare_database.ROLES, "sb_absent"])
    with pytest.raises(CommandError, match="no role sb_absent. `manage.py database_roles` prints the SQL"):
        prepare_database.require_roles()


@pytest.mark.django_db(databases=["default", "inbox", "owner"])
def test_a_login_under_another_name_than_the_policies_name_is_refused() -> None:
    with pytest.raises(CommandError, match="it must be sb_app"):
        prepare_database.require_login("owner", "sb_app")


def test_static_files_are_collected_into_the_checkouts_own_folder() -> None:
    assert Path(settings.STATIC_ROOT).is_relative_to(settings.LOCAL_DIR)
