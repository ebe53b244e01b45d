"""Work of each kind of staff action: one function a kind, from the stored action to its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.actions import campaigns, email_accounts, leads
from instantly.choices import ActionState, SyncStatus, SyncTrigger
from instantly.client.errors import NotFound
from instantly.connections import webhook_subscription
from instantly.connections.diagnostics import run_diagnostics
from instantly.connections.services import client_for
from instantly.models import StaffAction
from instantly.reconciliation import drift
from instantly.sync.service import sync_connection
from messaging.campaign_transfer import move_campaign, move_email_account
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none

UNDO = "undo"
"""In a result: what the form of the action that takes this one back is filled in with. A result without it is of an action that
changed nothing, or that is taken back by one that asks for nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended: a sentence, figures, and the state it leaves."""

    sentence: str
    result: Mapping[str, Any]
    state: ActionState = ActionState.DONE


def create_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.create_campaign(action.connection, actor=action.actor, **action.arguments)
    return Outcome(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def change_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.update_campaign(_target(action), action.arguments, actor=action.actor)
    return Outcome(f"{campaign.name}: {', '.join(sorted(action.arguments))} changed.", {"campaign": str(campaign.pk)})


def duplicate_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.duplicate_campaign(_target(action), name=action.arguments["name"], actor=action.actor)
    return Outcome(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def activate_campaign(action: StaffAction) -> Outcome:
    return _state(campaigns.activate_campaign(_target(action), actor=action.actor))


def pause_campaign(action: StaffAction) -> Outcome:
    return _state(campaigns.pause_campaign(_target(action), actor=action.actor))


def pause_email_account(action: StaffAction) -> Outcome:
    return _state(email_accounts.pause_email_account(_target(action), actor=action.actor))


def resume_email_account(action: StaffAction) -> Outcome:
    return _state(email_accounts.resume_email_account(_target(action), actor=action.actor))


def _state(row: Campaign | EmailAccount) -> Outcome:
    return Outcome(f"{row} is {row.get_status_display().lower()} now.", {"status": row.status})


def delete_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.delete_campaign(_target(action), actor=action.actor)
    return Outcome(
        f"{campaign.name} is gone at Instantly; what happened in it stays here.", {"campaign": str(campaign.pk)}
    )


def assign_campaign(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    moved = move_campaign(_target(action), to, now=timezone.now(), actor=action.actor)
    counted = {"contacts": moved.people, "messages": moved.messages, "events": moved.events}
    what = ", ".join(f"{count:,} {name}" for name, count in counted.items())
    if not moved.changed:
        return Outcome("It was theirs already.", counted)
    return Outcome(f"Assigned, with {what}.", {**counted, **_back_to(moved.before)})


def assign_email_account(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    with rls.scope(rls.SYSTEM):
        before = EmailAccount.objects.values_list("organization_id", flat=True).get(pk=_target(action))
    moved = move_email_account(_target(action), to, now=timezone.now(), actor=action.actor)
    return Outcome("Assigned.", _back_to(before)) if moved else Outcome("It was theirs already.", {})


def _back_to(organization_id: UUID) -> dict[str, Any]:
    """Return what the form that takes an assignment back is filled in with."""
    return {UNDO: {"organization": str(organization_id)}}


def add_leads(action: StaffAction) -> Outcome:
    """Whom it left out is said by line, not by address: the row stays, addresses may have to go."""
    given = action.arguments["leads"]
    dry_run = action.arguments.get("dry_run", False)
    report = leads.add_leads(_target(action), given, actor=action.actor, dry_run=dry_run)
    lines: dict[str, list[int]] = {}
    line_of = action.arguments.get("lines") or list(range(1, len(given) + 1))
    for line, lead in zip(line_of, given, strict=True):
        lines.setdefault(canonical_or_none(str(lead.get("email", ""))) or "", []).append(line)
    result: dict[str, Any] = {
        name: getattr(report, name) for name in ("given", "sent", "uploaded", "skipped", "found", "unsent", "uncertain")
    }
    result |= {
        "repeated_lines": sorted(line for email in set(report.repeated) for line in lines[email][1:]),
        "suppressed_lines": sorted(line for email in report.suppressed for line in lines[email]),
        "invalid_lines": [wrong | {"place": line_of[wrong["place"] - 1]} for wrong in report.invalid],
        "remaining_in_plan": report.remaining_in_plan,
    }
    left_out = report.given - report.sent - report.unsent - report.uncertain
    if dry_run:
        return Outcome(f"Nothing was sent. {report.unsent} would be, {left_out} would be left out.", result)
    sentence = f"{report.sent} sent ({report.uploaded} new), {left_out} left out."
    if report.error:
        state = ActionState.UNKNOWN if report.uncertain else ActionState.FAILED
        return Outcome(
            f"{sentence} {report.unsent} not sent, {report.uncertain} unknown: {report.error}", result, state
        )
    return Outcome(sentence, result)


def delete_lead(action: StaffAction) -> Outcome:
    try:
        leads.delete_lead(action.arguments["lead"], campaign_id=_target(action), actor=action.actor)
    except NotFound:  # whose sentence names the address
        return Outcome("The campaign has no such lead at Instantly; nothing was deleted.", {}, ActionState.FAILED)
    return Outcome("The lead is gone from the campaign at Instantly; what happened with them stays here.", {})


def sync(action: StaffAction) -> Outcome:
    report = sync_connection(action.connection, trigger=SyncTrigger.ADMIN, actor_name=action.actor_name)
    data = report.as_data()
    done = report.status == SyncStatus.SUCCEEDED
    problem = data["errors"][0]["reason"] if data["errors"] else ""
    counted = (
        f"{data['campaigns_listed']} campaigns ({data['campaigns_imported']} new, {data['campaigns_updated']} changed), "
        f"{data['accounts_listed']} email accounts ({data['accounts_imported']} new, {data['accounts_updated']} changed)."
    )
    return Outcome(f"{counted} {problem}".strip(), data, ActionState.DONE if done else ActionState.FAILED)


def test_connection(action: StaffAction) -> Outcome:
    steps = run_diagnostics(action.connection)
    failed = [step for step in steps if not step["ok"]]
    if not failed:
        return Outcome(f"All {len(steps)} steps passed.", {"steps": steps})
    said = "; ".join(f"{step['step']}: {step['detail']}" for step in failed)
    return Outcome(f"{len(failed)} of {len(steps)} steps failed. {said}", {"steps": steps}, ActionState.FAILED)


def register_webhook(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        registration = webhook_subscription.register(action.connection, client)
    return Outcome(f"{registration.sentence().capitalize()}.", registration.as_data())


def compare_totals(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        rows = [row.as_dict() for row in drift.compare_totals(action.connection, client)]
    differ = [row for row in rows if row["differs"]]
    return Outcome(f"{len(differ)} of {len(rows)} campaigns differ.", {"differ": differ, "compared": len(rows)})


def _target(action: StaffAction) -> UUID:
    assert action.target_id is not None
    return action.target_id
