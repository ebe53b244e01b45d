"""Convert stored addresses to canonical form: `manage.py canonicalize_addresses [--dry-run]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from messaging.address_merge import canonicalize


class Command(BaseCommand):
    help = (
        "Bring contacts and email accounts that an earlier release stored under another spelling to the canonical form of their address; "
        "contacts that were several spellings of one address become one, with their mails, events and figures. May be run again. "
        "Suppressions of several spellings become one. Example: manage.py canonicalize_addresses --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be changed, and change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        report = canonicalize(dry_run=dry_run, actor_name="manage.py canonicalize_addresses")
        verb = "would be brought" if dry_run else "were brought"
        self.stdout.write(
            f"{report.contacts} contacts {verb} to a canonical address, {report.joined} of them joined with another contact. "
            f"{report.mailboxes} email accounts and {report.suppressions} suppressions {verb} to one."
        )
        for what, ids in (
            ("contacts with no address", report.no_addresses),
            ("email accounts doubled", report.mailboxes_left),
            ("suppressions with no address", report.no_suppressed),
        ):
            if ids:
                self.stdout.write(f"Left as they are, {len(ids)} {what}: {', '.join(map(str, ids))}")
