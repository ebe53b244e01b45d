"""Verification of database backups; full restores are in tests/faults/test_backup.py."""

import json
import os
import subprocess
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from salesbrain.backup import BackupFailed, dump, manifest_of
from salesbrain.backup.archive import program
from salesbrain.management.commands.database_url import address
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(tmp_path, acme_connection):
    factories.message(factories.campaign(acme_connection), subject="tab\tline\nback\\slash")
    file = tmp_path / "backup.dump"
    call_command("backup_database", str(file), stdout=StringIO())
    return file


def complaint(*command):
    with pytest.raises(CommandError) as caught:
        call_command(*command, stdout=StringIO(), stderr=StringIO())
    return str(caught.value)


def test_a_backup_is_read_back_and_can_be_verified_without_a_server(archive):
    manifest = json.loads(manifest_of(archive).read_text())
    assert manifest["tables"]["messaging_message"]["rows"] == 1
    assert any(line.startswith("policy messaging_message.sb_tenant") for line in manifest["catalogue"])
    said = StringIO()
    call_command("verify_backup", str(archive), stdout=said)
    assert "is whole" in said.getvalue()


def test_a_database_equals_its_manifest_until_a_row_changes(archive, acme_connection):
    call_command("verify_backup", str(archive), "--restored", stdout=StringIO())
    factories.contact(acme_connection.organization, "late@lead.example")
    said = StringIO()
    with pytest.raises(CommandError, match="2 differences"):  # a contact comes with its search row
        call_command("verify_backup", str(archive), "--restored", stdout=StringIO(), stderr=said)
    assert said.getvalue().split("\n")[:2] == [f"messaging_{of}: 2 rows, not 1" for of in ("contact", "contactsearch")]


def test_a_grant_that_is_missing_is_named(archive):
    manifest = json.loads(manifest_of(archive).read_text())
    manifest["catalogue"].append("grant on messaging_event to sb_app: EVERYTHING")
    manifest_of(archive).write_text(json.dumps(manifest))
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_backup", str(archive), "--restored", stdout=StringIO(), stderr=said)
    assert said.getvalue().strip() == "missing: grant on messaging_event to sb_app: EVERYTHING"


def test_an_empty_dump_of_pg_dump_is_detected(archive):
    """As the owner, without the start-up option that sets a scope, pg_dump writes empty tables and exits with 0."""
    bare, _, _ = address("owner").partition("options=")
    archive.unlink()
    done = subprocess.run(
        [
            program("pg_dump"),
            "--format=custom",
            "--enable-row-security",
            f"--file={archive}",
            f"--dbname={bare.rstrip('?&')}",
        ],
        check=False,
    )
    assert done.returncode == 0 and archive.stat().st_size > 10_000
    assert "differences" in complaint("verify_backup", str(archive))
    with pytest.raises(BackupFailed, match="database_url --owner"):
        dump(bare.rstrip("?&"), archive.with_name("other.dump"))
    assert not archive.with_name("other.dump").exists()


def test_a_truncated_file_a_missing_manifest_and_an_existing_name_are_errors(archive, tmp_path):
    assert "exists already" in complaint("backup_database", str(archive))
    os.truncate(archive, archive.stat().st_size // 2)
    assert "pg_restore cannot read" in complaint("verify_backup", str(archive))
    manifest_of(archive).unlink()
    assert "keep both together" in complaint("verify_backup", str(archive))
    assert "could not be written" in complaint("backup_database", str(tmp_path / "nowhere" / "backup.dump"))


def test_a_backup_that_failed_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("SALESBRAIN_PG_BIN", str(tmp_path))
    assert "cannot be found" in complaint("backup_database", str(tmp_path / "backup.dump"))
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_never_on_a_command_line(tmp_path, monkeypatch):
    (tmp_path / "pg_dump").write_text('#!/bin/sh\necho "given $*, told $PGPASSWORD" >&2\nexit 1\n')
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("SALESBRAIN_PG_BIN", str(tmp_path))
    with pytest.raises(BackupFailed) as caught:
        dump(address("owner").replace("sb_owner@", "sb_owner:se%2Fcret@"), tmp_path / "backup.dump")
    given, _, told = str(caught.value).partition(", told ")
    assert "user=sb_owner" in given and "app.user_role" in given and "cret" not in given
    assert told == "se/cret"
    assert not (tmp_path / "backup.dump").exists()
