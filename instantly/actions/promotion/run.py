"""Run a promotion or its undo from where it stands; check first that it can work."""

from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from instantly.actions.promotion import steps, undo
from instantly.actions.promotion.checks import require_possible
from instantly.actions.promotion.requests import CannotPromote
from instantly.actions.promotion.work import PARTS, Progress, Work
from instantly.actions.remote_write import queue_sync
from instantly.choices import PromotionState
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable
from instantly.models import Promotion
from instantly.sync.lock import SyncRunning
from salesbrain import rls
from salesbrain.kernel.messages import Message, message

STOPS = (CannotPromote, ConnectionUnusable, InstantlyError, SyncRunning)
"""Errors after which a person decides how to go on."""

FORWARD: tuple[Callable[[Work], None], ...] = (steps.pause_campaigns, steps.move_accounts, steps.copy_campaigns)
BACK: tuple[Callable[[Work], None], ...] = (undo.delete_copies, undo.move_accounts_back, undo.start_campaigns_again)


def run(
    promotion_id: UUID, *, actor: User | None, actor_name: str, progress: Progress = lambda done, of: None
) -> Promotion:
    """Do what is left of a running promotion or of its undo; return it as it stands then. Call outside of a transaction.

    A run that was killed is continued: each step asks Instantly first whether it was done. One that is over is returned
    unchanged. Raises, and marks the promotion as stopped with the reason: CannotPromote, ConnectionUnusable, InstantlyError,
    SyncRunning. Nothing is changed before the keys and the workspace group are known to fit.
    """
    promotion = load(promotion_id)
    work = Work(promotion, actor, actor_name, progress)
    with work.open():  # raises SyncRunning for a second run, which must not touch the first one's row
        work.promotion = promotion = load(promotion_id)
        if promotion.state != PromotionState.RUNNING:
            return promotion
        try:
            _do(work)
        except STOPS as error:
            _store(promotion, state=PromotionState.STOPPED, outcome=str(error))
            raise
        except Exception:
            _store(promotion, state=PromotionState.STOPPED, outcome=message("action.broken"))
            raise
    return load(promotion_id)


def _do(work: Work) -> None:
    promotion = work.promotion
    undoing = promotion.undo_at is not None
    moves = bool(promotion.journal.get("accounts") if undoing else promotion.plan["accounts"])
    require_possible(promotion.source, promotion.destination, promotion.admin_connection, accounts=moves)
    for step in BACK if undoing else FORWARD:
        step(work)
    for connection in (promotion.source, promotion.destination):
        queue_sync(connection, work.actor)
    state = PromotionState.UNDONE if undoing else PromotionState.DONE
    _store(promotion, state=state, outcome=sentence(promotion))


def sentence(promotion: Promotion) -> Message:
    """Return what a finished promotion, or its undo, did."""
    over = "back" if promotion.undo_at is not None else "done"
    done = {part: sum(note.get("state") == over for note in promotion.journal.get(part, {}).values()) for part in PARTS}
    return message("promotion.undone" if over == "back" else "promotion.done", left=len(promotion.left), **done)


def load(promotion_id: UUID) -> Promotion:
    """Return a promotion with its connections, whose keys a run needs. Raises Promotion.DoesNotExist."""
    with rls.scope(rls.SYSTEM):
        return Promotion.objects.select_related("organization", "source", "destination", "admin_connection").get(
            pk=promotion_id
        )


def _store(promotion: Promotion, **changes: object) -> None:
    with rls.scope(rls.SYSTEM):
        Promotion.objects.filter(pk=promotion.pk).update(updated_at=timezone.now(), **changes)
