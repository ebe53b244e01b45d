"""Back up the database and verify the archive: `manage.py backup_database FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from salesbrain.backup import BackupFailed, dump, manifest_of

from .database_url import address
from .verify_backup import faults_of


class Command(BaseCommand):
    help = (
        "Writes the whole database to FILE (pg_dump's custom format) and what must be in it to FILE.json, reads FILE back and "
        "compares. Exit code 0 only where the backup is whole. Web and workers may go on. "
        'Example: manage.py backup_database "/backup/salesbrain-$(date +%F).dump"'
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="where to write it; an existing file is left alone")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = dump(address("owner"), file)
            faults = faults_of(file, manifest)
        except BackupFailed as error:
            raise CommandError(str(error)) from error
        if faults:
            raise CommandError(f"{file} is not whole, do not rely on it: {'; '.join(faults)}")
        rows = sum(table["rows"] for table in manifest["tables"].values())
        self.stdout.write(
            f"{file}: {rows:,} rows of {len(manifest['tables'])} tables, {file.stat().st_size:,} bytes, read back and compared. "
            f"Keep {manifest_of(file).name} beside it, and SALESBRAIN_ENCRYPTION_KEYS somewhere else: "
            "without them no key in it can be read."
        )
