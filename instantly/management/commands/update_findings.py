"""Run all rules of findings once and store the result: `manage.py update_findings`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from instantly import findings
from messaging.findings.words import sentence


class Command(BaseCommand):
    help = (
        "Run all rules once, open findings of what they find and close what is over; the jobs process does the same every five minutes. "
        "Ends with 1 where a source of findings failed. Example: manage.py update_findings"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the changes as JSON")
        parser.add_argument("--count-leads", action="store_true", help="ask Instantly first how many leads are left")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["count_leads"]:
            findings.count_leads(now=now)
        changes = findings.update(now=now)
        groups = {"opened": changes.opened, "changed": changes.changed, "closed": changes.closed}
        if options["json"]:
            named = {
                verb: [{"rule": row.rule, "target": str(row.target_id), "name": row.target_name} for row in rows]
                for verb, rows in groups.items()
            }
            self.stdout.write(json.dumps(named | {"failed": changes.failed}))
        else:
            for verb, rows in groups.items():
                for row in rows:
                    self.stdout.write(f"{verb}: {row.rule}, {row.target_name}: {sentence(row)}")
            self.stdout.write(", ".join(f"{len(rows)} {verb}" for verb, rows in groups.items()))
        if changes.failed:
            raise CommandError(f"These sources failed, see the log: {', '.join(changes.failed)}.")
