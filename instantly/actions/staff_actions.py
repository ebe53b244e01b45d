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

FIRST = 10
"""Of a job's priority: somebody waits for it, and the syncs of 40 connections do not mind. Jobs about one thing are done one
after the other, in the order they were asked for."""

INTERRUPTED = (
    "The process that did this was stopped in the middle, so nobody knows whether Instantly carried it out. Look at it in "
    "Instantly before you ask again; a sync is queued and brings what did happen."
)
BROKEN = "Something broke on our side and was logged; nothing more will happen by itself."


@dataclass(frozen=True, slots=True)
class Told:
    """How it ended: a sentence, figures, and whether that is what was wanted."""

    outcome: str
    result: Mapping[str, Any]
    state: ActionState = ActionState.DONE


@dataclass(frozen=True, slots=True)
class Deed:
    """How a kind of action is done, and what may ask for it. `repeatable`: doing it again changes nothing more."""

    work: Callable[[StaffAction], Told]
    permission: str
    repeatable: bool = True


def ask(
    kind: ActionKind,
    *,
    actor: User,
    target: Campaign | EmailAccount | ProviderConnection,
    arguments: Mapping[str, Any] | None = None,
    name: str = "",
) -> StaffAction:
    """Write an action down and queue its job; both are there once the caller's transaction is. `name`: what it is about,
    where that is not yet there."""
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
        job = app.configure_task("instantly.tasks.perform_action", priority=FIRST, lock=f"action {target.pk}")
        job.defer(action_id=str(action.pk))
    return action


def perform(action_id: UUID) -> None:
    """Do it, and write down how it ended. Whatever else breaks is written down and raised."""
    deed = _begun(action_id)
    if deed is None:
        return
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.select_related("connection__organization", "actor").get(pk=action_id)
    try:
        with request_origin.override_address(action.address):
            told = deed.work(action)
    except InstantlyError as error:
        told = Told(str(error), {}, ActionState.UNKNOWN if error.uncertain else ActionState.FAILED)
    except (ConnectionUnusable, CannotMove, SyncRunning) as error:
        told = Told(str(error), {}, ActionState.FAILED)
    except ObjectDoesNotExist:
        told = Told("What this is about is not there any more.", {}, ActionState.FAILED)
    except Exception:
        _end(action_id, Told(BROKEN, {}, ActionState.FAILED))
        raise
    _end(action_id, told)


def _begun(action_id: UUID) -> Deed | None:
    """Take the action; None where it is over, or where a killed process began it and it cannot be done again."""
    with rls.scope(rls.SYSTEM):
        action = (
            StaffAction.objects.select_for_update(of=("self",))
            .select_related("connection")
            .filter(pk=action_id)
            .first()
        )
        if action is None or action.is_over:
            return None
        deed = DEEDS[ActionKind(action.kind)]
        if action.state == ActionState.QUEUED or deed.repeatable:
            StaffAction.objects.filter(pk=action_id).update(state=ActionState.RUNNING, started_at=timezone.now())
            return deed
        remote_writes.sync_soon(action.connection, action.actor)
    _end(action_id, Told(INTERRUPTED, {}, ActionState.UNKNOWN))
    return None


def _end(action_id: UUID, told: Told) -> None:
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.filter(pk=action_id).update(
            state=told.state, outcome=told.outcome, result=told.result, arguments={}, finished_at=timezone.now()
        )


# --- how each is done ---------------------------------------------------------------------------------------------------


def _create(action: StaffAction) -> Told:
    campaign = remote_writes.create_campaign(action.connection, actor=action.actor, **action.arguments)
    return Told(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def _change(action: StaffAction) -> Told:
    campaign = remote_writes.update_campaign(_target(action), action.arguments, actor=action.actor)
    return Told(f"{campaign.name}: {', '.join(sorted(action.arguments))} changed.", {"campaign": str(campaign.pk)})


def _duplicate(action: StaffAction) -> Told:
    campaign = remote_writes.duplicate_campaign(_target(action), name=action.arguments["name"], actor=action.actor)
    return Told(f"{campaign.name} was made, as a draft.", {"campaign": str(campaign.pk)})


def _activate(action: StaffAction) -> Told:
    return _state(remote_writes.activate_campaign(_target(action), actor=action.actor))


def _pause(action: StaffAction) -> Told:
    return _state(remote_writes.pause_campaign(_target(action), actor=action.actor))


def _pause_account(action: StaffAction) -> Told:
    return _state(remote_writes.pause_email_account(_target(action), actor=action.actor))


def _resume_account(action: StaffAction) -> Told:
    return _state(remote_writes.resume_email_account(_target(action), actor=action.actor))


def _state(row: Campaign | EmailAccount) -> Told:
    return Told(f"{row} is {row.get_status_display().lower()} now.", {"status": row.status})


def _delete(action: StaffAction) -> Told:
    campaign = remote_writes.delete_campaign(_target(action), actor=action.actor)
    return Told(
        f"{campaign.name} is gone at Instantly; what happened in it stays here.", {"campaign": str(campaign.pk)}
    )


def _assign(action: StaffAction) -> Told:
    to = UUID(action.arguments["organization_id"])
    moved = move_campaign(_target(action), to, now=timezone.now(), actor=action.actor)
    counted = {"contacts": moved.people, "messages": moved.messages, "events": moved.events}
    what = ", ".join(f"{count:,} {name}" for name, count in counted.items())
    return Told(f"Assigned, with {what}." if moved.changed else "It was theirs already.", counted)


def _assign_account(action: StaffAction) -> Told:
    to = UUID(action.arguments["organization_id"])
    moved = move_email_account(_target(action), to, now=timezone.now(), actor=action.actor)
    return Told("Assigned." if moved else "It was theirs already.", {})


def _add_leads(action: StaffAction) -> Told:
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
        return Told(f"Nothing was sent. {report.unsent} would be, {left_out} would be left out.", result)
    sentence = f"{report.sent} sent ({report.uploaded} new), {left_out} left out."
    if report.error:
        state = ActionState.UNKNOWN if report.uncertain else ActionState.FAILED
        return Told(f"{sentence} {report.unsent} not sent, {report.uncertain} unknown: {report.error}", result, state)
    return Told(sentence, result)


def _delete_lead(action: StaffAction) -> Told:
    try:
        leads.delete_lead(action.arguments["lead"], campaign_id=_target(action), actor=action.actor)
    except NotFound:  # whose sentence names the address
        return Told("The campaign has no such lead at Instantly; nothing was deleted.", {}, ActionState.FAILED)
    return Told("The lead is gone from the campaign at Instantly; what happened with them stays here.", {})


def _sync(action: StaffAction) -> Told:
    report = sync_connection(action.connection, trigger=SyncTrigger.ADMIN, actor_name=action.actor_name)
    data = report.as_data()
    done = report.status == SyncStatus.SUCCEEDED
    problem = data["errors"][0]["reason"] if data["errors"] else ""
    counted = (
        f"{data['campaigns_listed']} campaigns ({data['campaigns_imported']} new, {data['campaigns_updated']} changed), "
        f"{data['accounts_listed']} email accounts ({data['accounts_imported']} new, {data['accounts_updated']} changed)."
    )
    return Told(f"{counted} {problem}".strip(), data, ActionState.DONE if done else ActionState.FAILED)


def _test(action: StaffAction) -> Told:
    steps = run_diagnostics(action.connection)
    failed = [step for step in steps if not step["ok"]]
    if not failed:
        return Told(f"All {len(steps)} steps passed.", {"steps": steps})
    said = "; ".join(f"{step['step']}: {step['detail']}" for step in failed)
    return Told(f"{len(failed)} of {len(steps)} steps failed. {said}", {"steps": steps}, ActionState.FAILED)


def _register(action: StaffAction) -> Told:
    with client_for(action.connection) as client:
        registration = webhook_subscription.register(action.connection, client)
    return Told(f"{registration.sentence().capitalize()}.", registration.as_data())


def _compare(action: StaffAction) -> Told:
    with client_for(action.connection) as client:
        rows = [row.as_dict() for row in compare_totals(action.connection, client)]
    differ = [row for row in rows if row["differs"]]
    return Told(f"{len(differ)} of {len(rows)} campaigns differ.", {"differ": differ, "compared": len(rows)})


def _target(action: StaffAction) -> UUID:
    assert action.target_id is not None
    return action.target_id


CHANGE, DELETE = "campaigns.change_campaign", "campaigns.delete_campaign"
ACCOUNTS, CONNECTIONS = "accounts.change_emailaccount", "instantly.add_staffaction"
"""An operator may not change a connection, but may sync and try it."""

DEEDS: dict[ActionKind, Deed] = {
    ActionKind.CAMPAIGN_CREATE: Deed(_create, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_CHANGE: Deed(_change, CHANGE),
    ActionKind.CAMPAIGN_ACTIVATE: Deed(_activate, CHANGE),
    ActionKind.CAMPAIGN_PAUSE: Deed(_pause, CHANGE),
    ActionKind.CAMPAIGN_DUPLICATE: Deed(_duplicate, CHANGE, repeatable=False),
    ActionKind.CAMPAIGN_DELETE: Deed(_delete, DELETE),
    ActionKind.CAMPAIGN_ASSIGN: Deed(_assign, CHANGE),
    ActionKind.LEADS_ADD: Deed(_add_leads, CHANGE),  # who is in the campaign already is skipped
    ActionKind.LEAD_DELETE: Deed(_delete_lead, DELETE, repeatable=False),
    ActionKind.ACCOUNT_PAUSE: Deed(_pause_account, ACCOUNTS),
    ActionKind.ACCOUNT_RESUME: Deed(_resume_account, ACCOUNTS),
    ActionKind.ACCOUNT_ASSIGN: Deed(_assign_account, ACCOUNTS),
    ActionKind.SYNC: Deed(_sync, CONNECTIONS),
    ActionKind.TEST: Deed(_test, CONNECTIONS),
    ActionKind.WEBHOOK: Deed(_register, CONNECTIONS),
    ActionKind.DRIFT: Deed(_compare, CONNECTIONS),
}
