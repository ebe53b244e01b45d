"""Import suppressed addresses from a CSV file.

manage.py import_suppressions --organization SLUG --reason TEXT [FILE]
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_organization
from messaging.suppressions import MAX_BYTES, Unreadable, import_addresses
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Suppress every address of a list for one organization: nobody there writes to them any more. A list is a text with an address "
        "a line, or a CSV with a column of them. Exit code 1 where lines had no address; the others are done all the same. "
        "Example: manage.py import_suppressions --organization acme --reason 'list of the old tool' < stop.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the list; left out: standard input")
        parser.add_argument("--organization", required=True, metavar="SLUG", help="for example acme")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for whoever looks later")
        parser.add_argument("--dry-run", action="store_true", help="say what would be added, and change nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON, with the lines left out")

    def handle(self, *args: Any, file: Path | None, organization: str, reason: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            found = find_organization(organization)
        try:
            report = import_addresses(
                found,
                self._content(file),
                detail=reason,
                now=timezone.now(),
                actor_name="manage.py import_suppressions",
                dry_run=options["dry_run"],
            )
        except Unreadable as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            fields = ("organization", "given", "added", "known", "lifted", "repeated", "invalid", "own", "dry_run")
            self.stdout.write(json.dumps({name: getattr(report, name) for name in fields}, indent=2))
        else:
            self.stdout.write(f"{found.name}: {report.sentence()}")
        if report.invalid:
            raise CommandError(f"{len(report.invalid)} lines have no address.", returncode=1)

    def _content(self, file: Path | None) -> bytes:
        if file is None:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        try:
            with file.open("rb") as opened:
                return opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
