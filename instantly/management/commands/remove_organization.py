"""Remove an organization with all its data: `manage.py remove_organization SLUG --dry-run`."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_organization
from accounts.models import Organization
from instantly.organization_removal.plan import Plan, plan_of
from instantly.organization_removal.request import RemovalRefused, request_removal
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Remove an organization for good: contacts, messages, events, figures, users who log in nowhere else, and its dedicated "
        "workspaces. Campaigns in shared workspaces stay as empty rows of the house, and what Instantly reports of them later is not "
        "recorded. It stops at once, and `run_jobs` removes the rows in batches. The audit log and backups are kept. "
        "Example: manage.py remove_organization acme --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="SLUG", help="for example acme")
        parser.add_argument("--dry-run", action="store_true", help="count what would go and change nothing")
        parser.add_argument("--confirm", metavar="NAME", help="its exact name, as the dry run shows it")
        parser.add_argument(
            "--while-sending",
            action="store_true",
            help="although Instantly still sends its campaigns in shared workspaces",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, organization: str, dry_run: bool, confirm: str | None, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            chosen = find_organization(organization)
        if dry_run:
            self._show(plan_of(chosen), requested=False, as_json=options["json"])
            return
        if confirm is None:
            raise CommandError(_unconfirmed(chosen))
        try:
            plan = request_removal(
                chosen.pk,
                confirmation=confirm,
                now=timezone.now(),
                while_sending=options["while_sending"],
                actor_name="manage.py remove_organization",
            )
        except RemovalRefused as error:
            raise CommandError(str(error)) from None
        self._show(plan, requested=True, as_json=options["json"])

    def _show(self, plan: Plan, *, requested: bool, as_json: bool) -> None:
        if as_json:
            facts = {name: str(value) if name == "organization_id" else value for name, value in asdict(plan).items()}
            self.stdout.write(json.dumps({"requested": requested, **facts}))
            return
        self.stdout.write(
            f"{plan.name} ({plan.slug}): {plan.total} rows {'will' if requested else 'would'} be removed."
        )
        for name, count in plan.rows.items():
            self.stdout.write(f"  {name}: {count}")
        self.stdout.write(f"  users who log in nowhere else: {plan.users}")
        if plan.connections:
            self.stdout.write(f"Dedicated workspaces that go with it: {', '.join(plan.connections)}.")
        if plan.returned:
            self.stdout.write(
                f"Campaigns of shared workspaces that stay as empty rows of the house: {', '.join(plan.returned)}."
            )
        if plan.sending:
            self.stdout.write(f"Instantly still sends: {', '.join(plan.sending)}. Pause them first.")
        self.stdout.write(
            "It is switched off; a jobs process removes the rows from two minutes on (manage.py run_jobs)."
            if requested
            else f"Nothing was changed. {_export(plan.slug)}"
        )


def _export(slug: str) -> str:
    return f"Export it first: manage.py export_instantly --organization {slug} --output {slug}-export"


def _unconfirmed(organization: Organization) -> str:
    return f"This cannot be undone: add --confirm {organization.name!r}, or --dry-run to see what goes. {_export(organization.slug)}"
