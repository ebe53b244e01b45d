"""No rows without an RLS scope: in threads, commands, streams, after errors, through PgBouncer."""

import importlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import BaseCommand, call_command
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from campaigns.models import Campaign
from messaging.models import Message
from salesbrain import rls
from salesbrain.embedded_postgres.os_user import owner_of
from salesbrain.exporting import rows
from salesbrain.isolation.http_client import HttpActor, as_in_production
from salesbrain.isolation.scopes import CHECKS, visible_organizations
from salesbrain.rls import checks

SET = importlib.import_module("salesbrain.rls.scope").SET
BOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_scope_ends_with_its_block(world, check):
    assert check(world), check.__doc__


def test_a_command_without_a_scope_sees_nothing(world):
    class Count(BaseCommand):
        def handle(self, *args, **options):
            return str(Campaign.objects.count() + Message.objects.count())

    assert call_command(Count()) == "0"


def test_an_export_is_made_in_its_own_scope_and_leaves_none(world, monkeypatch):
    """Rows are read page by page, with other queries on the same connection in between and an interruption halfway."""
    monkeypatch.setattr(rows, "PAGE", 1)
    with as_in_production():
        caller = HttpActor(world.a.user)
        response: Any = caller.client.get("/api/instantly/export/messages", headers=caller.headers)
        found = b""
        for piece in response.streaming_content:
            found += piece
            assert visible_organizations() == set()
            with rls.scope(rls.customer(world.b.organization)):
                assert visible_organizations() == {world.b.organization}
        given_up: Any = caller.client.get("/api/instantly/export/messages", headers=caller.headers)
        next(iter(given_up.streaming_content))
        given_up.close()
    assert world.a.word.encode() in found and world.b.word.encode() not in found
    assert rls.current() == ("", "", "none") and visible_organizations() == set()


@pytest.mark.parametrize("path", ["campaigns?nonsense=1", "campaign/not-an-id", "campaigns?organization_id=nobody"])
def test_after_a_refused_request_the_connection_has_no_scope(world, path):
    with as_in_production():
        HttpActor(world.a.user).ask("GET", f"/api/instantly/{path}")
    assert rls.current() == ("", "", "none") and visible_organizations() == set()


def test_after_a_failed_request_the_connection_has_no_scope(world, monkeypatch):
    def broken(*args, **kwargs):
        assert visible_organizations() == {world.a.organization}
        raise ZeroDivisionError

    monkeypatch.setattr("salesbrain.api.pagination.page", broken)
    with as_in_production():
        assert HttpActor(world.a.user).ask("GET", "/api/instantly/campaigns").status == 500
    assert rls.current() == ("", "", "none") and visible_organizations() == set()


# --- few connections, many people ------------------------------------------------------------------------------------


def one_after_another(world, database: DatabaseWrapper, number: int) -> int:
    """Query in turn as A, without a scope and as B; return how many queries saw a wrong result."""
    sides = {0: world.a.organization, 2: world.b.organization}
    whose = sides.get(number % 4)
    read = "SELECT DISTINCT organization_id FROM campaigns_campaign"
    with database.cursor() as cursor:
        if whose is None:
            cursor.execute(read)
            return int(cursor.fetchall() != [])
    database.set_autocommit(False)
    try:
        with database.cursor() as cursor:
            cursor.execute(SET, rls.customer(whose).values)
            cursor.execute(read)
            found = cursor.fetchall()
        (database.rollback if number % 3 else database.commit)()
    finally:
        database.set_autocommit(True)
    return int(found != [(whose,)])


def wrong_answers(world, make, *, threads: int, each: int) -> int:
    """Run `each` rounds of `one_after_another` in each thread, on a connection that `make` returns; return the total number of wrong
    results.
    """

    def run(thread: int) -> int:
        wrong = 0
        for number in range(each):
            database = make()
            try:
                wrong += one_after_another(world, database, thread + number)
            finally:
                database.close()
        connections.close_all()  # what Django's own signals opened in this thread
        return wrong

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(run, range(threads)))


def test_no_leak_through_a_pool_of_two_connections(world):
    settings = {**connections["default"].settings_dict, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    settings["OPTIONS"] = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 2, "timeout": 30}}
    wrapper: Any = type(connections["default"])
    first = wrapper(settings, "default")
    try:
        assert wrong_answers(world, lambda: wrapper(settings, "default"), threads=6, each=40) == 0
    finally:
        first.close_pool()


@pytest.fixture
def bouncer(world, tmp_path) -> Iterator[tuple[str, str]]:
    """A real PgBouncer in transaction mode with two server connections, on a unix socket of its own; yield (folder, port)."""
    if BOUNCER is None:
        pytest.skip("no PgBouncer here: apt-get install pgbouncer")
    connections["default"].ensure_connection()
    name, server = connections["default"].settings_dict["NAME"], connections["default"].connection.info
    folder = Path(
        subprocess.run(
            ["mktemp", "-d", "/tmp/sb-bouncer-XXXXXX"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    (folder / "hba").write_text("local all sb_app trust\n")
    (folder / "users").write_text(f'"sb_app" "{server.password}"\n')
    (folder / "ini").write_text(
        f"""[databases]
{name} = host={server.host} port={server.port} dbname={name} user=sb_app
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = hba
auth_hba_file = {folder}/hba
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 2
max_client_conn = 50
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile =
"""
    )
    user = (
        owner_of(Path(server.host)) if server.host.startswith("/") else owner_of(folder)
    )  # who may enter the server's folder
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.uid, user.gid)
        as_user = {"user": user.uid, "group": user.gid, "extra_groups": []}
    process = subprocess.Popen(
        [BOUNCER, str(folder / "ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user
    )
    try:
        _wait_for(folder / ".s.PGSQL.6432", process)
        yield str(folder), "6432"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(socket: Path, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while not socket.exists():
        assert process.poll() is None, (socket.parent / "log").read_text()
        assert time.monotonic() < deadline, "PgBouncer did not open its socket within 20 s"
        time.sleep(0.02)


def test_no_leak_through_pgbouncer_in_transaction_mode(world, bouncer):
    folder, port = bouncer
    settings = {**connections["default"].settings_dict, "HOST": "", "PORT": "", "CONN_MAX_AGE": 0}
    settings["OPTIONS"] = {**settings["OPTIONS"], "host": folder, "port": port, "prepare_threshold": None}
    wrapper: Any = type(connections["default"])
    assert wrong_answers(world, lambda: wrapper(settings, "default"), threads=6, each=50) == 0


@pytest.mark.parametrize(("prepares", "found"), [(True, {"salesbrain.E011"}), (False, set())])
def test_prepared_statements_that_a_pooler_loses_are_named(world, bouncer, settings, monkeypatch, prepares, found):
    """Old versions of PgBouncer fail half of such requests in transaction mode; newer ones rename prepared statements."""
    folder, port = bouncer
    settings.DATABASE_PREPARE = prepares
    configured = {**connections["default"].settings_dict, "HOST": "", "PORT": "", "CONN_MAX_AGE": 0}
    configured["OPTIONS"] = {**configured["OPTIONS"], "host": folder, "port": port}
    wrapper: Any = type(connections["default"])
    through = wrapper(configured, "default")
    monkeypatch.setattr(checks, "connections", {"default": through})
    try:
        assert {id for id, _, _ in checks.reasons_to_refuse()} == found
    finally:
        through.close()
    monkeypatch.undo()
    assert checks.reasons_to_refuse() == [], "not without a pooler"


def test_through_pgbouncer_a_setting_of_the_session_would_leak(world, bouncer):
    """The same traffic with SET instead of SET LOCAL leaks, which shows that the test of PgBouncer can fail."""
    folder, port = bouncer
    name = connections["default"].settings_dict["NAME"]
    target = f"host={folder} port={port} dbname={name} user=sb_app"
    with (
        psycopg.connect(target, autocommit=True, prepare_threshold=None) as careless,
        psycopg.connect(target, autocommit=True, prepare_threshold=None) as other,
    ):
        careless.execute("SELECT set_config('app.current_org_id', %s, false)", [str(world.a.organization)])
        found = {
            row for _ in range(4) for row in other.execute("SELECT organization_id FROM campaigns_campaign").fetchall()
        }
    assert found == {(world.a.organization,)}
