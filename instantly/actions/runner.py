"""Queue staff actions as jobs and run them in the process `jobs`; the action's row holds the state.

A view must not call Instantly while its transaction is open, and nobody should wait for 40 campaigns. No action runs twice: a job
left by a killed process runs again only if its action is repeatable; otherwise the row says that the outcome is unknown, and a
sync is queued.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import EmailAccount, ProviderConnection, User
from campaigns.models import Campaign
from instantly.actions.action import Action, UnknownAction
from instantly.actions.registry import action_of
from instantly.actions.remote_write import queue_sync
from instantly.actions.works import Outcome
from instantly.choices import ActionState
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable
from instantly.models import StaffAction
from instantly.sync.lock import SyncRunning
from messaging.campaign_transfer import CannotMove
from salesbrain import rls
from salesbrain.kernel import request_origin
from salesbrain.kernel.messages import message

PRIORITY = 10
"""Job priority: user-initiated actions run before scheduled syncs. Jobs about one object run one after the other, in the
order of their requests."""


def request_action(
    kind: str,
    *,
    actor: User,
    target: Campaign | EmailAccount | ProviderConnection,
    arguments: Mapping[str, Any] | None = None,
    name: str = "",
) -> StaffAction:
    """Store an action and queue its job, both in the caller's transaction. `name`: of a target that does not exist yet.

    Raises UnknownAction.
    """
    kind = action_of(kind).kind
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
    """Run the action and store its outcome. UnknownAction and an unforeseen exception are stored too, and raised."""
    try:
        kind = _claim(action_id)
    except UnknownAction:
        _finish(action_id, Outcome(message("action.unknown_here"), {}, ActionState.FAILED))
        raise
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
        outcome = Outcome(message("action.target_gone"), {}, ActionState.FAILED)
    except Exception:
        _finish(action_id, Outcome(message("action.broken"), {}, ActionState.FAILED))
        raise
    _finish(action_id, outcome)


def _claim(action_id: UUID) -> Action | None:
    """Set the action to running and return it; None if it has ended, or was begun by a killed process and is not repeatable."""
    with rls.scope(rls.SYSTEM):
        action = (
            StaffAction.objects.select_for_update(of=("self",))
            .select_related("connection")
            .filter(pk=action_id)
            .first()
        )
        if action is None or action.is_over:
            return None
        kind = action_of(action.kind)
        if action.state == ActionState.QUEUED or kind.repeatable:
            StaffAction.objects.filter(pk=action_id).update(state=ActionState.RUNNING, started_at=timezone.now())
            return kind
        queue_sync(action.connection, action.actor)
    _finish(action_id, Outcome(message("action.interrupted"), {}, ActionState.UNKNOWN))
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
