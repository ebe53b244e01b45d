"""Assign several campaigns of a shared workspace at once, by rules or by a person's choice.

Each campaign moves in a transaction of its own (messaging/campaign_transfer.py), so a large one does not delay the others.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError

from accounts.models import Organization, User
from campaigns.assignment_rules import Decision, plan_of, plan_of_new, rules_of
from campaigns.models import AssignmentRule, Campaign
from messaging.campaign_transfer import CannotMove, Transfer, move_campaign
from salesbrain import rls

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """A campaign to move: its organization when the move was chosen, and its new one; `rule_id` None: a person chose it."""

    campaign_id: UUID
    before: UUID
    organization_id: UUID
    rule_id: UUID | None = None

    @classmethod
    def of(cls, decision: Decision) -> "Move":
        campaign, rule = decision.campaign, decision.rule
        return cls(campaign.pk, campaign.organization_id, rule.organization_id, rule.pk)


@dataclass(slots=True)
class Result:
    """Result of the moves by campaign: `kept`: not moved, because campaign or rule had changed since; `failed`: not moved, because of an
    error in the log; `stayed`: moves to the present organization, which are stored as a person's choice.
    """

    moved: list[Transfer] = field(default_factory=list)
    stayed: list[UUID] = field(default_factory=list)
    kept: list[UUID] = field(default_factory=list)
    failed: list[UUID] = field(default_factory=list)

    @property
    def done(self) -> int:
        return len(self.moved) + len(self.stayed) + len(self.kept) + len(self.failed)


def assign(
    moves: Iterable[Move],
    *,
    now: datetime,
    actor: User | None = None,
    actor_name: str = "",
    progress: Callable[[Result], object] = lambda result: None,
) -> Result:
    """Move the campaigns one by one and return the result. Call outside of a transaction.

    Leaves out a move if its campaign has another organization by now or was assigned by a person, or if its rule was deleted.
    """
    moves = list(moves)
    with rls.scope(rls.SYSTEM):
        rules = AssignmentRule.objects.in_bulk({move.rule_id for move in moves if move.rule_id is not None})
    result = Result()
    for move in moves:
        _one(move, rules, result, now=now, actor=actor, actor_name=actor_name)
        progress(result)
    return result


def _one(
    move: Move,
    rules: dict[UUID, AssignmentRule],
    result: Result,
    *,
    now: datetime,
    actor: User | None,
    actor_name: str,
) -> None:
    rule = None if move.rule_id is None else rules.get(move.rule_id)
    if move.rule_id is not None and (rule is None or rule.organization_id != move.organization_id):
        result.kept.append(move.campaign_id)
        return
    try:
        moved = move_campaign(
            move.campaign_id,
            move.organization_id,
            now=now,
            actor=actor,
            actor_name=actor_name,
            rule=rule,
            only_from=move.before,
        )
    except (CannotMove, Campaign.DoesNotExist, Organization.DoesNotExist):
        result.kept.append(move.campaign_id)
    except DatabaseError:  # one campaign must not keep the others where they are
        logger.exception("Could not assign the campaign %s", move.campaign_id)
        result.failed.append(move.campaign_id)
    else:
        if moved.changed:
            result.moved.append(moved)
        elif moved.before == move.before == move.organization_id:
            result.stayed.append(move.campaign_id)
        else:
            result.kept.append(move.campaign_id)


def assign_new(connection_id: UUID, *, now: datetime, actor_name: str = "") -> Result:
    """Apply the rules in effect to the campaigns of a workspace that neither a person nor a rule has assigned yet. Call outside of a
    transaction.
    """
    with rls.scope(rls.SYSTEM):
        moves = [Move.of(decision) for decision in plan_of_new(connection_id)]
    return assign(moves, now=now, actor_name=actor_name)


def apply_rules(
    connection_id: UUID,
    *,
    now: datetime,
    only: Collection[UUID] | None = None,
    actor: User | None = None,
    actor_name: str = "",
) -> Result:
    """Put the active rules of a workspace into effect and move the matching campaigns; `only`: of these, those with the given ids.

    Call outside of a transaction.
    """
    with rls.scope(rls.SYSTEM):
        decisions = plan_of(connection_id)
        put_into_effect(connection_id, now=now)
    wanted = [
        Move.of(decision) for decision in decisions if decision.takes and (only is None or decision.campaign.pk in only)
    ]
    return assign(wanted, now=now, actor=actor, actor_name=actor_name)


def put_into_effect(connection_id: UUID, *, now: datetime) -> int:
    """Let the active rules of a workspace assign new campaigns from now on; return how many were not in effect. Call in a scope."""
    new = [rule.pk for rule in rules_of(connection_id, applied=False) if rule.applied_at is None]
    return AssignmentRule.objects.filter(pk__in=new).update(applied_at=now, updated_at=now)
