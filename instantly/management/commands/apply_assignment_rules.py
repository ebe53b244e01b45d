"""Apply the assignment rules of shared workspaces: `manage.py apply_assignment_rules`."""

from typing import Any

from django.utils import timezone

from accounts.models import ProviderConnection
from campaigns.assignment_rules import Decision, plan_of
from instantly.management.connection_command import ConnectionCommand
from messaging.assignment import apply_rules
from salesbrain import rls

SHOWN = 50
"""Campaigns that the text names; --json has all."""


class Command(ConnectionCommand):
    help = (
        "Put the active assignment rules of a shared workspace into effect and give the campaigns that they take, with their history, to "
        "their organizations. What a person assigned stays. Look first: manage.py apply_assignment_rules --connection agency --dry-run"
    )
    writes_outside = True

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with rls.scope(rls.SYSTEM):
            plan = plan_of(connection.pk)
        taken = [decision for decision in plan if decision.takes]
        result: dict[str, Any] = {
            "connection": connection.name,
            "takes": [_as_data(decision) for decision in taken],
            "stay_by_hand": sum(decision.stays_by_hand for decision in plan),
            "conflicts": sum(bool(decision.others) for decision in plan),
            "moved": 0,
            "kept": 0,
            "failed": 0,
        }
        if not options["dry_run"]:
            done = apply_rules(connection.pk, now=timezone.now(), actor_name="apply_assignment_rules")
            result |= {"moved": len(done.moved), "kept": len(done.kept), "failed": len(done.failed)}
        return result

    def succeeded(self, result: dict[str, Any]) -> bool:
        return not result["failed"]

    def show(self, result: dict[str, Any]) -> None:
        taken = result["takes"]
        self.stdout.write(
            f"{result['connection']}: {len(taken)} campaigns fit a rule and are elsewhere, {result['stay_by_hand']} stay because a "
            f"person assigned them, {result['conflicts']} fit rules of several organizations; {result['moved']} moved, "
            f"{result['kept']} changed meanwhile, {result['failed']} failed."
        )
        for row in taken[:SHOWN]:
            self.stdout.write(f"  {row['campaign']}: {row['from']} -> {row['to']} ({row['rule']})")


def _as_data(decision: Decision) -> dict[str, str]:
    return {
        "campaign": decision.campaign.name,
        "id": str(decision.campaign.pk),
        "from": decision.campaign.organization.name,
        "to": decision.rule.organization.name,
        "rule": str(decision.rule),
        "also": ", ".join(str(rule) for rule in decision.others),
    }
