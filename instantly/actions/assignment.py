"""Work of the staff action that assigns several campaigns of a workspace, and its undo."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from campaigns.models import Campaign
from instantly.actions.works import Outcome
from instantly.choices import ActionState
from instantly.models import StaffAction
from messaging.assignment import Move, Result, assign
from salesbrain import rls
from salesbrain.kernel.messages import message

KIND = "campaigns_assign"
MOST_MOVES = 2000
"""Maximum of campaigns per action; a workspace with more unassigned campaigns needs several actions."""
TOLD_EVERY = timedelta(seconds=1)


def arguments_of(moves: Iterable[Move], *, undoes: UUID | None = None) -> dict[str, Any]:
    """Return the JSON of StaffAction.arguments. `undoes`: the action that these moves revert."""
    rows = [
        {
            "campaign": str(move.campaign_id),
            "before": str(move.before),
            "organization": str(move.organization_id),
            "rule": str(move.rule_id) if move.rule_id else None,
        }
        for move in moves
    ]
    return {"moves": rows, "undoes": str(undoes) if undoes else None}


def assign_campaigns(action: StaffAction) -> Outcome:
    """Move the campaigns one by one; the number done so far is stored in the action's row."""
    moves = [_move(row) for row in action.arguments["moves"]]
    there = _moved_before(action, moves)
    result = assign(
        [move for move in moves if move.campaign_id not in there],
        now=timezone.now(),
        actor=action.actor,
        actor_name=action.actor_name,
        progress=_Progress(action, len(moves), len(there)),
    )
    moved = there | {transfer.campaign_id for transfer in result.moved}
    data: dict[str, Any] = {
        "moved": [_as_data(move) for move in moves if move.campaign_id in moved],
        "kept": len(result.kept),
        "failed": [str(id) for id in result.failed],
        "undoes": action.arguments.get("undoes"),
    }
    counted = {"moved": len(moved), "kept": len(result.kept)}
    if result.failed:
        said = message("action.campaigns_assigned_but", failed=len(result.failed), **counted)
        return Outcome(said, data, ActionState.FAILED)
    return Outcome(message("action.campaigns_assigned", **counted), data)


def history(connection_id: UUID, *, most: int) -> list[tuple[StaffAction, bool]]:
    """Return the latest assignments of a workspace, the newest first, and whether each can be undone.

    An assignment cannot be undone if it moved nothing, has not ended, or was undone by a later action. Call in a staff scope.
    """
    rows = list(
        StaffAction.objects.filter(connection_id=connection_id, kind=KIND).order_by("-created_at", "-id")[:most]
    )
    undone = {row.result.get("undoes") or row.arguments.get("undoes") for row in rows if _counts(row)}
    return [(row, row.is_over and bool(row.result.get("moved")) and str(row.pk) not in undone) for row in rows]


def _counts(row: StaffAction) -> bool:
    """Return whether an action has moved a campaign or has not ended yet."""
    return not row.is_over or bool(row.result.get("moved"))


def moves_back(done: StaffAction) -> list[Move]:
    """Return the moves that revert an action; none for one that moved nothing."""
    return [
        Move(UUID(row["campaign"]), UUID(row["organization"]), UUID(row["before"]))
        for row in done.result.get("moved", [])
    ]


def _move(row: Mapping[str, Any]) -> Move:
    rule = UUID(row["rule"]) if row.get("rule") else None
    return Move(UUID(row["campaign"]), UUID(row["before"]), UUID(row["organization"]), rule)


def _as_data(move: Move) -> dict[str, str]:
    return {
        "campaign": str(move.campaign_id),
        "before": str(move.before),
        "organization": str(move.organization_id),
    }


def _moved_before(action: StaffAction, moves: Iterable[Move]) -> set[UUID]:
    """Return the campaigns that a killed run of this action moved: they have the requested organization, and got it after the request."""
    wanted = {move.campaign_id: move.organization_id for move in moves if move.before != move.organization_id}
    with rls.scope(rls.SYSTEM):
        rows = Campaign.objects.filter(pk__in=wanted, assigned_at__gte=action.created_at)
        return {pk for pk, owner in rows.values_list("pk", "organization_id") if wanted[pk] == owner}


class _Progress:
    """Writes how many campaigns are done into the action's row, at most once a second."""

    def __init__(self, action: StaffAction, total: int, before: int) -> None:
        self.action_id, self.total, self.before = action.pk, total, before
        self.told_at: datetime | None = None

    def __call__(self, result: Result) -> None:
        now = timezone.now()
        if self.told_at is not None and now - self.told_at < TOLD_EVERY:
            return
        self.told_at = now
        said = message("action.progress", done=self.before + result.done, count=self.total)
        with rls.scope(rls.SYSTEM):
            StaffAction.objects.filter(pk=self.action_id).update(outcome=said)
