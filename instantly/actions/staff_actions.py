"""What staff ask for in the admin: written down with its job in one transaction, done by the job, its state on the row.

A view must not call Instantly while its transaction is open, and nobody should wait for 40 campaigns. Not one of these is
done twice: a job that a killed process left behind is run again only where doing it again harms nobody; where it might,
the row says that nobody knows, and a sync is queued.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import EmailAccount, ProviderConnection, User
from campaigns.models import Campaign
from instantly.actions import leads, remote_writes
from instantly.choices import ActionKind, ActionState, SyncStatus, SyncTrigger
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections import webhook_subscription
from instantly.connections.diagnostics import run_diagnostics
from instantly.connections.services import ConnectionUnusable, client_for
from instantly.models import StaffAction
from instantly.reconciliation.drift import compare_totals
from instantly.sync.lock import SyncRunning
from instantly.sync.service import sync_connection
from messaging.campaign_transfer import CannotMove, move_campaign, move_email_account
from salesbrain import rls
from salesbrain.kernel import request_origin
from salesbrain.kernel.addresses import canonical_or_none

logger = logging.getLogger(__name__)

PRIORITY = 10
"""Job priority: user-initiated actions run before scheduled syncs. Jobs about one object run one after the other, in the
order of their requests."""

INTERRUPTED = (
    "The process that did this was stopped in the middle, so nobody knows whether Instantly carried it out. Look at it in "
    "Instantly before you ask again; a sync is queued and brings what did happen."
)
BROKEN = "Something broke on our side and was logged; nothing more will happen by itself."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended: a sentence, figures, and the state it leaves."""

    sentence: str
    result: Mapping[str, Any]
    state: ActionState = ActionState.DONE


@dataclass(frozen=True, slots=True)
class Action:
    """A kind of action: its work and the permission it needs. `repeatable`: running it again changes nothing more."""

    work: Callable[[StaffAction], Outcome]
    permission: str
    repeatable: bool = True


def request_action(
    kind: ActionKind,
    *,
    actor: User,
    target: Campaign | EmailAccount | ProviderConnection,
    arguments: Mapping[str, Any] | None = None,
    name: str = "",
) -> StaffAction:
    """Store an action and queue its job, both in the caller's transaction. `name`: of the target, where it does not exist yet."""
    is_connection = isinstance(target, ProviderConnection)
    with transaction.atomic():
        action = StaffAction.objects.create(
            kind=kind,
            connection_id=target.pk if is_connection else target.connection_id,
            target_id=None if is_connection else target.pk,
            target_name=name or str(target),
            arguments=dict(arguments or {}),
            actor=actor,
            actor_name=actor.email,
            address=request_origin.address(),
        )
        job = app.configure_task("instantly.tasks.perform_action", priority=PRIORITY, lock=f"action {target.pk}")
        job.defer(action_id=str(action.pk))
    return action


def run_action(action_id: UUID) -> None:
    """Run the action and store its outcome. An unforeseen exception is stored too, and raised."""
    kind = _claim(action_id)
    if kind is None:
        return
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.select_related("connection__organization", "actor").get(pk=action_id)
    try:
        with request_origin.override_address(action.address):
            outcome = kind.work(action)
    except InstantlyError as error:
        outcome = Outcome(str(error), {}, ActionState.UNKNOWN if error.uncertain else ActionState.FAILED)
    except (ConnectionUnusable, CannotMove, SyncRunning) as error:
        outcome = Outcome(str(error), {}, ActionState.FAILED)
    except ObjectDoesNotExist:
        outcome = Outcome("What this is about is not there any more.", {}, ActionState.FAILED)
    except Exception:
        _finish(action_id, Outcome(BROKEN, {}, ActionState.FAILED))
        raise
    _finish(action_id, outcome)


def _claim(action_id: UUID) -> Action | None:
    """Take the action; None where it is over, or where a killed process began it and it is not repeatable."""
    with rls.scope(rls.SYSTEM):
        action = (
            StaffAction.objects.select_for_update(of=("self",))
            .select_related("connection")
            .filter(pk=action_id)
            .first()
        )
        if action is None or action.is_over:
            return None
        kind = ACTIONS[ActionKind(action.kind)]
        if action.state == ActionState.QUEUED or kind.repeatable:
            StaffAction.objects.filter(pk=action_id).update(state=ActionState.RUNNING, started_at=timezone.now())
            return kind
        remote_writes.queue_sync(action.connection, action.actor)
    _finish(action_id, Outcome(INTERRUPTED, {}, ActionState.UNKNOWN))
    return None


def _finish(action_id: UUID, outcome: Outcome) -> None:
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=action_id).update(
            state=outcome.state,
            outcome=outcome.sentence,
            result=outcome.result,
            arguments={},
            finished_at=timezone.now(),
        )


# --- how each is done ---------------------------------------------------------------------------------------------------


def _create(action: StaffAction) -> Outcome:
    campaign = remote_writes.create_campaign(action.connection, actor=action.actor, **action.arguments)
    return Outcome(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def _change(action: StaffAction) -> Outcome:
    campaign = remote_writes.update_campaign(_target(action), action.arguments, actor=action.actor)
    return Outcome(f"{campaign.name}: {', '.join(sorted(action.arguments))} changed.", {"campaign": str(campaign.pk)})


def _duplicate(action: StaffAction) -> Outcome:
    campaign = remote_writes.duplicate_campaign(_target(action), name=action.arguments["name"], actor=action.actor)
    return Outcome(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def _activate(action: StaffAction) -> Outcome:
    return _state(remote_writes.activate_campaign(_target(action), actor=action.actor))


def _pause(action: StaffAction) -> Outcome:
    return _state(remote_writes.pause_campaign(_target(action), actor=action.actor))


def _pause_account(action: StaffAction) -> Outcome:
    return _state(remote_writes.pause_email_account(_target(action), actor=action.actor))


def _resume_account(action: StaffAction) -> Outcome:
    return _state(remote_writes.resume_email_account(_target(action), actor=action.actor))


def _state(row: Campaign | EmailAccount) -> Outcome:
    return Outcome(f"{row} is {row.get_status_display().lower()} now.", {"status": row.status})


def _delete(action: StaffAction) -> Outcome:
    campaign = remote_writes.delete_campaign(_target(action), actor=action.actor)
    return Outcome(
        f"{campaign.name} is gone at Instantly; what happened in it stays here.", {"campaign": str(campaign.pk)}
    )


def _assign(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    moved = move_campaign(_target(action), to, now=timezone.now(), actor=action.actor)
    counted = {"contacts": moved.people, "messages": moved.messages, "events": moved.events}
    what = ", ".join(f"{count:,} {name}" for name, count in counted.items())
    return Outcome(f"Assigned, with {what}." if moved.changed else "It was theirs already.", counted)


def _assign_account(action: StaffAction) -> Outcome:
    to = UUID(action.arguments["organization_id"])
    moved = move_email_account(_target(action), to, now=timezone.now(), actor=action.actor)
    return Outcome("Assigned." if moved else "It was theirs already.", {})


def _add_leads(action: StaffAction) -> Outcome:
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


def _delete_lead(action: StaffAction) -> Outcome:
    try:
        leads.delete_lead(action.arguments["lead"], campaign_id=_target(action), actor=action.actor)
    except NotFound:  # whose sentence names the address
        return Outcome("The campaign has no such lead at Instantly; nothing was deleted.", {}, ActionState.FAILED)
    return Outcome("The lead is gone from the campaign at Instantly; what happened with them stays here.", {})


def _sync(action: StaffAction) -> Outcome:
    report = sync_connection(action.connection, trigger=SyncTrigger.ADMIN, actor_name=action.actor_name)
    data = report.as_data()
    done = report.status == SyncStatus.SUCCEEDED
    problem = data["errors"][0]["reason"] if data["errors"] else ""
    counted = (
        f"{data['campaigns_listed']} campaigns ({data['campaigns_imported']} new, {data['campaigns_updated']} changed), "
        f"{data['accounts_listed']} email accounts ({data['accounts_imported']} new, {data['accounts_updated']} changed)."
    )
    return Outcome(f"{counted} {problem}".strip(), data, ActionState.DONE if done else ActionState.FAILED)


def _test(action: StaffAction) -> Outcome:
    steps = run_diagnostics(action.connection)
    failed = [step for step in steps if not step["ok"]]
    if not failed:
        return Outcome(f"All {len(steps)} steps passed.", {"steps": steps})
    said = "; ".join(f"{step['step']}: {step['detail']}" for step in failed)
    return Outcome(f"{len(failed)} of {len(steps)} steps failed. {said}", {"steps": steps}, ActionState.FAILED)


def _register(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        registration = webhook_subscription.register(action.connection, client)
    return Outcome(f"{registration.sentence().capitalize()}.", registration.as_data())


def _compare(action: StaffAction) -> Outcome:
    with client_for(action.connection) as client:
        rows = [row.as_dict() for row in compare_totals(action.connection, client)]
    differ = [row for row in rows if row["differs"]]
    return Outcome(f"{len(differ)} of {len(rows)} campaigns differ.", {"differ": differ, "compared": len(rows)})


def _target(action: StaffAction) -> UUID:
    assert action.target_id is not None
    return action.target_id


CHANGE, DELETE = "campaigns.change_campaign", "campaigns.delete_campaign"
ACCOUNTS, CONNECTIONS = "accounts.change_emailaccount", "instantly.add_staffaction"
"""An operator may not change a connection, but may sync and try it."""

ACTIONS: dict[ActionKind, Action] = {
    ActionKind.CAMPAIGN_CREATE: Action(_create, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_CHANGE: Action(_change, CHANGE),
    ActionKind.CAMPAIGN_ACTIVATE: Action(_activate, CHANGE),
    ActionKind.CAMPAIGN_PAUSE: Action(_pause, CHANGE),
    ActionKind.CAMPAIGN_DUPLICATE: Action(_duplicate, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_DELETE: Action(_delete, DELETE),
    ActionKind.CAMPAIGN_ASSIGN: Action(_assign, CHANGE),
    ActionKind.LEADS_ADD: Action(_add_leads, CHANGE),  # who is in the campaign already is skipped
    ActionKind.LEAD_DELETE: Action(_delete_lead, DELETE, repeatable=False),
    ActionKind.ACCOUNT_PAUSE: Action(_pause_account, ACCOUNTS),
    ActionKind.ACCOUNT_RESUME: Action(_resume_account, ACCOUNTS),
    ActionKind.ACCOUNT_ASSIGN: Action(_assign_account, ACCOUNTS),
    ActionKind.SYNC: Action(_sync, CONNECTIONS),
    ActionKind.TEST: Action(_test, CONNECTIONS),
    ActionKind.WEBHOOK: Action(_register, CONNECTIONS),
    ActionKind.DRIFT: Action(_compare, CONNECTIONS),
}
