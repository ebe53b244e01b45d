"""Assign a campaign of a shared workspace to another organization, with all its rows.

The same function gives it back to the agency's own organization (the house), which owns unassigned campaigns. An UPDATE in one transaction,
not a replay: message ids come from campaign, lead, step and variant, never from the organization, so they stay; contacts exist once per
organization, so theirs change. No webhook body is needed.

Locks are taken in the order in which events are recorded: campaign, contacts, messages, events without a position, each in key order, then
stats and suppressions. The search steps lock in the opposite order, so none runs meanwhile; one transfer runs at a time.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError, connection, transaction

from accounts.models import EmailAccount, Organization, User
from accounts.services import record_audit
from campaigns.models import AssignmentRule, Campaign
from messaging import conversation_writer, identity, search
from messaging.choices import Origin
from messaging.erasure import aliases
from messaging.events import READ_MARKS, STAFF_VERDICT, STATE_CHANGES, EventType
from salesbrain import rls
from salesbrain.kernel import db
from salesbrain.kernel.messages import message

SQL = db.statements(Path(__file__).parent / "sql" / "campaign_transfer")
TRIES = 3

NAMELESS = (
    EventType.EMAIL_OPENED,
    EventType.EMAIL_CLICKED,
    EventType.EMAIL_BOUNCED,
    EventType.EMAIL_UNSUBSCRIBED,
    EventType.EMAIL_SPAM_REPORT,
    EventType.MANUAL_EMAIL_SENT,
    EventType.UNTRACKED_REPLY_RECEIVED,
    EventType.UNTRACKED_AUTO_REPLY_RECEIVED,
)
"""Events whose names do not update the contact's name, although the log stores them."""

OWN_ORIGINS = [Origin.STAFF.value, Origin.CUSTOMER.value, Origin.RULE.value]
"""Origins of events by people and rules, which neither name a contact nor set when it was first seen."""


class CannotMove(Exception):
    """Error: the campaign cannot be moved; the text says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Numbers of rows that a campaign's transfer moved."""

    campaign_id: UUID
    before: UUID
    organization_id: UUID
    events: int = 0
    messages: int = 0
    people: int = 0

    @property
    def changed(self) -> bool:
        return self.before != self.organization_id


def move_campaign(
    campaign_id: UUID,
    organization_id: UUID,
    *,
    now: datetime,
    actor: User | None = None,
    actor_name: str = "",
    rule: AssignmentRule | None = None,
    only_from: UUID | None = None,
) -> Transfer:
    """Assign a campaign with its contacts, messages, events and stats to the organization; return the numbers of moved rows.

    A move to its present organization moves nothing; in a shared workspace it is stored as a person's choice, if none is stored yet.
    Suppressions stay in the old organization and are copied to the new one. `rule`: the rule that requests the move, which is ignored if a
    person assigned the campaign. `only_from`: move it only if it still belongs to this organization. Raises Campaign.DoesNotExist,
    Organization.DoesNotExist, CannotMove for a campaign of a workspace dedicated to somebody else.
    """
    for turn in range(TRIES):
        try:
            return _move(
                campaign_id,
                organization_id,
                now=now,
                actor=actor,
                actor_name=actor_name,
                rule=rule,
                only_from=only_from,
            )
        except DatabaseError as error:
            if (
                turn == TRIES - 1
                or connection.in_atomic_block
                or not (db.is_transient(error) or db.is_concurrent_change(error))
            ):
                raise
    raise AssertionError("the last turn returns or raises")


def _move(
    campaign_id: UUID,
    organization_id: UUID,
    *,
    now: datetime,
    actor: User | None,
    actor_name: str,
    rule: AssignmentRule | None,
    only_from: UUID | None,
) -> Transfer:
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        aliases.aliases([])  # nobody of the campaign is erased while it moves
        search.block_index_steps()
        organization = Organization.objects.get(pk=organization_id)
        # The claim holds KEY SHARE on the campaign: a batch that reads it ends before, or begins after us.
        campaign = Campaign.objects.select_for_update(of=("self",)).select_related("connection").get(pk=campaign_id)
        before = campaign.organization_id
        _require_movable(campaign, organization)
        if (only_from is not None and before != only_from) or (rule is not None and campaign.is_assigned_by_hand):
            return Transfer(campaign_id, before, before)
        by_rule = {} if rule is None else {"rule": {"id": str(rule.pk), "name": str(rule)}}
        if before == organization_id:
            _keep_there(campaign, now=now, actor=actor, actor_name=actor_name, rule=rule)
            return Transfer(campaign_id, before, organization_id)
        db.prepared("SET LOCAL statement_timeout = '10min'")
        db.prepared("SET CONSTRAINTS ALL DEFERRED")
        people = _people(campaign_id, organization_id)
        parameters: dict[str, Any] = {
            "campaign": campaign_id,
            "organization": organization_id,
            "before": before,
            "now": now,
            "nameless": [str(type) for type in NAMELESS],
            "ours": OWN_ORIGINS,
            "verdict": STAFF_VERDICT,
            "said": [STAFF_VERDICT, *STATE_CHANGES, *READ_MARKS],
            "people": orjson.dumps(people).decode(),
            "rule": rule.pk if rule is not None else None,
        }
        _run("lock_people", parameters)
        _run("contacts", parameters)
        _run("lock_messages", parameters)
        _run("lock_events", parameters)
        events, messages = _run("rows", parameters).fetchone() or (0, 0)
        _run("variables", parameters)
        _run("verdicts", parameters)
        _run("suppressions", parameters)
        _run("erased", parameters)
        _run("recompute", parameters)
        # Nobody else can hold a conversation of these people: their contacts are ours.
        conversation_writer.rebuild_from_log(id for person in people for id in person.values())
        db.prepared("SET CONSTRAINTS ALL IMMEDIATE")
        record_audit(
            action="campaign.assign",
            actor=actor,
            actor_name=actor_name,
            target=campaign,
            organization_id=organization_id,
            detail={"from": str(before), "to": str(organization_id), "events": events, "messages": messages, **by_rule},
        )
        return Transfer(campaign_id, before, organization_id, events, messages, len(people))


def move_email_account(
    account_id: UUID, organization_id: UUID, *, now: datetime, actor: User | None = None, actor_name: str = ""
) -> bool:
    """Assign an email account of a shared workspace to an organization; return whether that changed anything.

    Messages and numbers name the sender by address and stay with their campaigns. Raises like `move_campaign`.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        organization = Organization.objects.get(pk=organization_id)
        account = EmailAccount.objects.select_for_update(of=("self",)).select_related("connection").get(pk=account_id)
        before = account.organization_id
        _require_movable(account, organization)
        if before == organization_id:
            return False
        EmailAccount.objects.filter(pk=account_id).update(organization_id=organization_id, updated_at=now)
        record_audit(
            action="email_account.assign",
            actor=actor,
            actor_name=actor_name,
            target=account,
            organization_id=organization_id,
            detail={"from": str(before), "to": str(organization_id)},
        )
        return True


def _keep_there(
    campaign: Campaign, *, now: datetime, actor: User | None, actor_name: str, rule: AssignmentRule | None
) -> None:
    """Store that a person chose the present organization of a shared workspace's campaign, so that no rule moves it."""
    if rule is not None or campaign.connection.organization_id is not None or campaign.is_assigned_by_hand:
        return
    Campaign.objects.filter(pk=campaign.pk).update(assigned_at=now, assigned_rule=None, updated_at=now)
    where = str(campaign.organization_id)
    record_audit(
        action="campaign.assign",
        actor=actor,
        actor_name=actor_name,
        target=campaign,
        organization_id=campaign.organization_id,
        detail={"from": where, "to": where, "kept": True},
    )


def _require_movable(thing: Campaign | EmailAccount, organization: Organization) -> None:
    if isinstance(thing, Campaign) and thing.removed_at is not None:
        raise CannotMove(message("transfer.removed", what=str(thing)))
    if organization.removal_requested_at is not None:
        raise CannotMove(message("transfer.being_removed", organization=organization.name))
    owner = thing.connection.organization_id
    if owner is not None and owner != organization.pk:
        raise CannotMove(message("transfer.dedicated", what=str(thing), workspace=thing.connection.name))


def _people(campaign_id: UUID, organization_id: UUID) -> list[dict[str, UUID]]:
    """Return the present and the new key of each person of the campaign."""
    rows = _run("people", {"campaign": campaign_id})
    return [{"old_id": id, "new_id": identity.contact_id(organization_id, email)} for id, email in rows]


def _run(name: str, parameters: dict[str, Any]) -> Any:
    return db.prepared(SQL[name], parameters)
