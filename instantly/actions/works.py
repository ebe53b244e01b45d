"""Functions that perform each kind of staff action, from the stored action to its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.actions import campaigns, email_accounts, leads
from instantly.actions.progress import SyncProgress
from instantly.choices import ActionState, SyncStatus, SyncTrigger
from instantly.client.errors import NotFound
from instantly.connections import webhook_subscription
from instantly.connections.diagnostics import run_diagnostics
from instantly.connections.services import client_for
from instantly.messages import SENTENCES
from instantly.models import StaffAction
from instantly.reconciliation import drift
from instantly.sync.service import sync_connection
from messaging.campaign_transfer import move_campaign, move_email_account
from salesbrain import rls
from salesbrain.kernel.addresses import canonical_or_none
from salesbrain.kernel.messages import message

UNDO = "undo"
"""Key in an action's result: initial values of the form of its undo action. Without it the action changed nothing, or its undo needs no
values."""

MOST_KEPT = 2000
"""Compared campaigns whose stats are kept beside the differing ones, for a customer's trust page."""

SYNCED = (
    "campaigns_listed", "campaigns_imported", "campaigns_updated", "accounts_listed", "accounts_imported", "accounts_updated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an action: a sentence, numbers, and its final state."""

    sentence: str  # a Message, or the provider's own words
    result: Mapping[str, Any]
    state: ActionState = ActionState.DONE


def create_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.create_campaign(action.connection, actor=action.actor, **action.arguments)
    return Outcome(message("action.campaign_made", name=campaign.name), {"campaign": str(campaign.pk)})


def change_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.update_campaign(_target(action), action.arguments, actor=action.actor)
    fields = ", ".join(sorted(action.arguments))
    said = message("action.campaign_changed", name=campaign.name, fields=fields)
    return Outcome(said, {"campaign": str(campaign.pk)})


def duplicate_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.duplicate_campaign(_target(action), name=action.arguments["name"], actor=action.actor)
    return Outcome(message("action.campaign_made", name=campaign.name), {"campaign": str(campaign.pk)})


def activate_campaign(action: StaffAction) -> Outcome:
    return _state(campaigns.activate_campaign(_target(action), actor=action.actor))


def pause_campaign(action: StaffAction) -> Outcome:
    return _state(campaigns.pause_campaign(_target(action), actor=action.actor))


def pause_email_account(action: StaffAction) -> Outcome:
    return _state(email_accounts.pause_email_account(_target(action), actor=action.actor))


def resume_email_account(action: StaffAction) -> Outcome:
    return _state(email_accounts.resume_email_account(_target(action), actor=action.actor))


def _state(row: Campaign | EmailAccount) -> Outcome:
    key = f"status.{row.status}"
    status = message(key) if key in SENTENCES else message("status.other", status=row.status)
    return Outcome(message("action.state", name=str(row), status=status), {"status": row.status})


def delete_campaign(action: StaffAction) -> Outcome:
    campaign = campaigns.delete_campaign(_target(action), actor=action.actor)
    return Outcome(message("action.campaign_deleted", name=campaign.name), {"campaign": str(campaign.pk)})


def assign_campaign(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    moved = move_campaign(_target(action), to, now=timezone.now(), actor=action.actor)
    counted = {"contacts": moved.people, "messages": moved.messages, "events": moved.events}
    if not moved.changed:
        return Outcome(message("action.theirs_already"), counted)
    return Outcome(message("action.assigned_with", **counted), {**counted, **_back_to(moved.before)})


def assign_email_account(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    with rls.scope(rls.SYSTEM):
        before = EmailAccount.objects.values_list("organization_id", flat=True).get(pk=_target(action))
    moved = move_email_account(_target(action), to, now=timezone.now(), actor=action.actor)
    if not moved:
        return Outcome(message("action.theirs_already"), {})
    return Outcome(message("action.assigned"), _back_to(before))


def _back_to(organization_id: UUID) -> dict[str, Any]:
    """Return the initial values of the form that reverts an assignment."""
    return {UNDO: {"organization": str(organization_id)}}


def add_leads(action: StaffAction) -> Outcome:
    """Add the leads. The result names skipped leads by line number, not address, because addresses may have to be erased."""
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
        return Outcome(message("action.leads_dry", unsent=report.unsent, left_out=left_out), result)
    sentence = message("action.leads_sent", sent=report.sent, uploaded=report.uploaded, left_out=left_out)
    if report.error:
        state = ActionState.UNKNOWN if report.uncertain else ActionState.FAILED
        counted = {"unsent": report.unsent, "uncertain": report.uncertain}
        return Outcome(message("action.leads_failed", done=sentence, error=report.error, **counted), result, state)
    return Outcome(sentence, result)


def delete_lead(action: StaffAction) -> Outcome:
    try:
        leads.delete_lead(action.arguments["lead"], campaign_id=_target(action), actor=action.actor)
    except NotFound:  # whose sentence names the address
        return Outcome(message("action.no_lead"), {}, ActionState.FAILED)
    return Outcome(message("action.lead_deleted"), {})


def sync(action: StaffAction) -> Outcome:
    report = sync_connection(
        action.connection, trigger=SyncTrigger.ADMIN, actor_name=action.actor_name, progress=SyncProgress(action.pk)
    )
    data = report.as_data()
    done = report.status == SyncStatus.SUCCEEDED
    problem = data["errors"][0]["reason"] if data["errors"] else ""
    said = message("action.synced", **{name: data[name] for name in SYNCED})
    if problem:
        said = message("action.synced_but", done=said, problem=problem)
    return Outcome(said, data, ActionState.DONE if done else ActionState.FAILED)


def test_connection(action: StaffAction) -> Outcome:
    steps = run_diagnostics(action.connection)
    failed = [step for step in steps if not step["ok"]]
    if not failed:
        return Outcome(message("action.steps_passed", count=len(steps)), {"steps": steps})
    said = [
        message("alert.of_connection", name=message(f"step.{step['step']}"), what=step["detail"]) for step in failed
    ]
    return Outcome(
        message("action.steps_failed", failed=len(failed), count=len(steps), steps=said),
        {"steps": steps},
        ActionState.FAILED,
    )


def register_webhook(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        registration = webhook_subscription.register(action.connection, client)
    return Outcome(registration.message(), registration.as_data())


def compare_totals(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        rows = [row.as_dict() for row in drift.compare_totals(action.connection, client)]
    differ = [row for row in rows if row["differs"]]
    said = message("action.totals", differ=len(differ), count=len(rows))
    figures = {
        row["campaign"]: [[figure["local"], figure["instantly"]] for figure in row["figures"].values()] for row in rows
    }
    kept = {"stats": list(drift.COMPARED), "figures": figures} if len(rows) <= MOST_KEPT else {}
    return Outcome(said, {"differ": differ, "compared": len(rows), **kept})


def _target(action: StaffAction) -> UUID:
    assert action.target_id is not None
    return action.target_id
