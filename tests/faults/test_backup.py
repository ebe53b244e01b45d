"""Disaster recovery: backup under traffic, loss of the database, restore to another cluster, serving.

The other cluster has roles of its own; every row must be there.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import requests

from salesbrain import embedded_postgres
from salesbrain.backup.archive import program
from salesbrain.embedded_postgres.paths import Places
from tests.faults.installation import Installation, cluster, free_port, kill, until
from tests.faults.traffic import Traffic

RECORDED = "SELECT count(*) FROM messaging_event"
SHOWN = ("campaigns", "stats", "contacts?limit=500", "events?limit=500")
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
ROWS = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM {} t"


def every_row(installation: Installation) -> dict[str, object]:
    """Return all rows, read as a superuser and by other means than the backup's own."""
    return {name: installation.ask(ROWS.format(name)) for (name,) in installation.ask(TABLES)}


@pytest.fixture
def elsewhere() -> Iterator[Places]:
    """Create another, new cluster, with only the roles that `database_roles` creates."""
    with cluster() as places:
        yield places


def shown(installation: Installation) -> list[object]:
    """Return the responses of the customer's API."""
    bearer = {"Authorization": f"Bearer {installation.token}", "X-Forwarded-Proto": "https"}
    answers = [
        requests.get(f"http://127.0.0.1:{installation.port}/api/instantly/{path}", headers=bearer, timeout=30)
        for path in SHOWN
    ]
    assert [answer.status_code for answer in answers] == [200] * len(SHOWN)
    return [answer.json()["data"] for answer in answers]


def test_a_backup_restored_into_another_cluster_is_the_same_and_serves(
    installation: Installation, elsewhere: Places, tmp_path: Path
):
    web, worker = installation.start_web(), installation.start_worker()
    archive = tmp_path / "salesbrain.dump"
    with Traffic(installation, seed=31) as traffic:
        until(lambda: installation.ask(RECORDED)[0][0] > 100, "events are recorded")
        before_the_backup = set(traffic.acknowledged)
        said = installation.run("backup_database", str(archive))
        assert "read back and compared" in said
    assert archive.stat().st_mode & 0o077 == 0, "nobody else may read it"
    kill(web)
    kill(worker)
    installation.run("verify_backup", str(archive), "--restored", fails=True)  # the database has gone on meanwhile

    quiet = tmp_path / "quiet.dump"
    once = installation.start_worker("--once")
    assert once.wait(300) == 0
    web = installation.start_web()
    saw = shown(installation)
    kill(web)
    installation.run("backup_database", str(quiet))
    rows = every_row(installation)
    with installation.superuser("postgres") as connection:
        connection.execute("DROP DATABASE salesbrain WITH (FORCE)")
        connection.execute("CREATE DATABASE salesbrain OWNER sb_owner ENCODING 'UTF8' TEMPLATE template0")
    try:
        restored = replace(
            installation,
            places=elsewhere,
            environment=dict(installation.environment),
            port=free_port(),
            running=[],
            facts={},
        )
        server = embedded_postgres.address(elsewhere)
        restored.environment |= {"DATABASE_URL": server.url("sb_app"), "DATABASE_OWNER_URL": server.url("sb_owner")}
        restore(elsewhere, archive)
        restored.run("verify_backup", str(archive), "--restored")
        stored = {bytes(body) for (body,) in restored.ask("SELECT body FROM instantly_delivery")}
        assert before_the_backup <= stored, "what was acknowledged before the backup is in it, though traffic went on"

        restore(elsewhere, quiet)
        restored.run("verify_backup", str(quiet), "--restored")
        assert every_row(restored) == rows
        restored.run("migrate", "--check")
        restored.start_web()
        try:
            assert requests.get(f"http://127.0.0.1:{restored.port}/readyz", timeout=30).status_code == 200
            assert shown(restored) == saw
            restored.start_worker()
            more = {body for n in range(5) if restored.post(body := restored.body(90_000 + n)).status_code == 200}
            assert len(more) == 5
            restored.assert_nothing_is_lost_or_double(traffic.acknowledged | more)
            installation.facts |= restored.facts
        finally:
            restored.end()
    finally:
        restore(installation.places, quiet)  # the next test finds its installation again


def restore(places: Places, archive: Path) -> None:
    """Restore a backup by the steps of docs/en/operations.md."""
    with psycopg.connect(
        host=str(places.socket_dir), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'salesbrain'")
    address = f"postgres://postgres@/postgres?host={places.socket_dir}"
    command: list[str | Path] = [
        program("pg_restore"),
        "--create",
        "--clean",
        "--if-exists",
        "--exit-on-error",
        f"--dbname={address}",
        archive,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
