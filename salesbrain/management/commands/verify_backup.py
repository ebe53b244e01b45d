"""Compare a backup, or a restored database, with its manifest: `manage.py verify_backup FILE`."""

from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from salesbrain.backup import BackupFailed, catalogue, count_archive, count_database, differences, read_manifest
from salesbrain.backup.archive import read

from .database_url import address

SHOWN = 10


def faults_of(file: Path, manifest: dict[str, Any]) -> list[str]:
    """Return a sentence for each difference between the archive and its manifest; an empty list: none."""
    return list(differences(manifest["tables"], count_archive(read(file))))


class Command(BaseCommand):
    help = (
        "Compares a backup with what was in the database when it was made; needs no server. With --restored it is the database "
        "in use that is compared, its policies, grants and functions too: after a restore, before anything is started. "
        "Example: manage.py verify_backup /backup/salesbrain-2026-11-01.dump --restored"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="the backup; FILE.json lies beside it")
        parser.add_argument("--restored", action="store_true", help="compare the database in use instead of the file")

    def handle(self, *args: Any, file: Path, restored: bool, **options: Any) -> None:
        try:
            manifest = read_manifest(file)
            faults = self._faults_of_database(manifest) if restored else faults_of(file, manifest)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        except psycopg.Error as error:
            raise CommandError(f"The database could not be read: {' '.join(str(error).split())}") from error
        for fault in faults[:SHOWN]:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} differences from the backup of {manifest['made_at']}.")
        rows = sum(table["rows"] for table in manifest["tables"].values())
        what = "The database" if restored else str(file)
        self.stdout.write(
            f"{what} is whole: {rows:,} rows of {len(manifest['tables'])} tables, as of {manifest['made_at']}."
        )

    @staticmethod
    def _faults_of_database(manifest: dict[str, Any]) -> list[str]:
        with psycopg.connect(address("owner")) as connection:
            faults = list(differences(manifest["tables"], count_database(connection)))
            there, wanted = set(catalogue(connection)), set(manifest["catalogue"])
        faults += [f"missing: {line}" for line in sorted(wanted - there)]
        return faults + [f"not in the backup: {line}" for line in sorted(there - wanted)]
