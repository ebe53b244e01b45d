"""Remove what is older than the retention settings allow: `manage.py apply_retention [--dry-run]`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from instantly import retention
from instantly.retention import Outcome


class Command(BaseCommand):
    help = (
        "Remove webhook bodies, drafts, sent replies of the outbox, sync runs, audit and access entries that the RETENTION_… settings no "
        "longer keep; `run_jobs` does it every night. Events, messages and figures stay, and a delivery that comes again is still a copy. "
        "Example: manage.py apply_retention --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would be removed and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        outcomes = (
            retention.forecast(now=now) if dry_run else retention.apply(now=now, actor_name="manage.py apply_retention")
        )
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "rules": [_facts(outcome) for outcome in outcomes]}))
            return
        for outcome in outcomes:
            self.stdout.write(_sentence(outcome, "would be removed" if dry_run else "removed"))
        if dry_run:
            self.stdout.write("Nothing was changed.")


def _facts(outcome: Outcome) -> dict[str, Any]:
    before = outcome.before.isoformat() if outcome.before else None
    return {"rule": outcome.rule.name, "days": outcome.rule.days, "before": before, "rows": outcome.rows}


def _sentence(outcome: Outcome, verb: str) -> str:
    rule = outcome.rule
    if outcome.before is None:
        return f"{rule.what}: kept for ever ({rule.setting}=0)"
    return f"{rule.what}: {outcome.rows} {verb}, from before {outcome.before:%Y-%m-%d} ({rule.setting}={rule.days})"
