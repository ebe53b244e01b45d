"""Work of the staff actions of promotion: run it, take it back, check it with Instantly."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import EmailAccount, ProviderConnection
from instantly.actions.promotion import checks
from instantly.actions.promotion.requests import CannotPromote
from instantly.actions.promotion.run import run
from instantly.actions.works import Outcome
from instantly.choices import ActionState
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable
from instantly.models import StaffAction
from instantly.sync.lock import SyncRunning
from salesbrain import rls
from salesbrain.kernel.messages import message

PROMOTE, UNDO, CHECK = "workspace_promote", "workspace_promote_undo", "workspace_check"
NOTED_EVERY = timedelta(seconds=1)


def promote(action: StaffAction) -> Outcome:
    """Run the promotion, or its undo, that the action names."""
    given = {"promotion": action.arguments["promotion"]}
    try:
        promotion = run(
            UUID(given["promotion"]), actor=action.actor, actor_name=action.actor_name, progress=_Progress(action)
        )
    except (CannotPromote, ConnectionUnusable, SyncRunning) as error:
        return Outcome(str(error), given, ActionState.FAILED)
    except InstantlyError as error:
        return Outcome(str(error), given, ActionState.UNKNOWN if error.uncertain else ActionState.FAILED)
    return Outcome(promotion.outcome, {**given, "left": promotion.left})


def check(action: StaffAction) -> Outcome:
    """Ask Instantly whether a promotion would work; nothing is changed. The result keeps what was chosen, for the page that asked."""
    choice = action.arguments["choice"]
    keys = {"source": action.connection_id, **{name: choice[name] for name in ("destination", "admin") if choice[name]}}
    with rls.scope(rls.SYSTEM):
        found: dict[str, Any] = {name: ProviderConnection.objects.get(pk=key) for name, key in keys.items()}
        rows = EmailAccount.objects.filter(pk__in=choice["accounts"], connection=action.connection)
        addresses = list(rows.values_list("address", flat=True))
    steps = checks.as_steps(found["source"], found["destination"], found.get("admin"), addresses)
    failed = [step for step in steps if not step["ok"]]
    result = {"steps": steps, "choice": choice}
    if not failed:
        return Outcome(message("action.steps_passed", count=len(steps)), result)
    said = [
        message("alert.of_connection", name=message(f"step.{step['step']}"), what=step["detail"]) for step in failed
    ]
    return Outcome(
        message("action.steps_failed", failed=len(failed), count=len(steps), steps=said), result, ActionState.FAILED
    )


class _Progress:
    """Writes how many steps are over into the action's row, at most once a second."""

    def __init__(self, action: StaffAction) -> None:
        self.action_id = action.pk
        self.noted_at: datetime | None = None

    def __call__(self, done: int, of: int) -> None:
        now = timezone.now()
        if self.noted_at is not None and now - self.noted_at < NOTED_EVERY:
            return
        self.noted_at = now
        said = message("action.progress", done=done, count=of)
        with rls.scope(rls.SYSTEM):
            StaffAction.objects.filter(pk=self.action_id).update(outcome=said)
