"""Begin, continue, take back and confirm a promotion: the checks that need no call of Instantly."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.choices import Provider
from accounts.models import Organization, ProviderConnection, User
from accounts.services import record_audit
from instantly.actions.promotion.candidates import MOST, candidates
from instantly.choices import PromotionState
from instantly.models import Promotion
from salesbrain.kernel.messages import message

READ = "api_key", "raw"


class CannotPromote(Exception):
    """Error: the promotion cannot be done as asked; the text says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose on the page, over the API or with the command. Ids are ours.

    `admin_id` is the connection whose key is the admin workspace's; needed to move email accounts. `paused` are campaigns that are
    paused first, `copied` those that get a draft of the same content in the new workspace.
    """

    organization_id: UUID
    source_id: UUID
    destination_id: UUID
    admin_id: UUID | None = None
    accounts: Collection[UUID] = field(default_factory=frozenset)
    copied: Collection[UUID] = field(default_factory=frozenset)
    paused: Collection[UUID] = field(default_factory=frozenset)


def begin(choice: Choice, *, actor: User | None, actor_name: str) -> Promotion:
    """Store a promotion of what was chosen; a job or `run` does it. Call in a staff scope or SYSTEM.

    Raises CannotPromote.
    """
    organization, source, destination, admin = connections_of(choice)
    there = candidates(organization, source)
    free = {one.account.pk: one for one in there.accounts if one.is_free}
    own = {one.campaign.pk: one.campaign for one in there.campaigns}
    wrong = [
        *(key for key in choice.accounts if key not in free),
        *(key for key in (*choice.copied, *choice.paused) if key not in own),
    ]
    if wrong:
        raise CannotPromote(message("promotion.not_movable", count=len(wrong), organization=organization.name))
    if not choice.accounts and not choice.copied:
        raise CannotPromote(message("promotion.nothing"))
    if max(map(len, (choice.accounts, choice.copied, choice.paused))) > MOST:
        raise CannotPromote(message("promotion.too_many", most=MOST))
    if choice.accounts and admin is None:
        raise CannotPromote(message("promotion.no_admin_key"))
    plan = {
        "accounts": [
            {
                "address": free[key].account.address,
                "provider_id": free[key].account.provider_id or free[key].account.address,
                "before": str(free[key].account.organization_id),
            }
            for key in sorted(choice.accounts, key=lambda key: free[key].account.address)
        ],
        **{
            part: [
                {"id": str(key), "name": own[key].name} for key in sorted(keys, key=lambda key: (own[key].name, key))
            ]
            for part, keys in (("paused", choice.paused), ("copies", choice.copied))
        },
    }
    try:
        with transaction.atomic():
            promotion = Promotion.objects.create(
                organization=organization,
                source=source,
                destination=destination,
                admin_connection=admin,
                plan=plan,
                actor_name=actor_name,
            )
            _audit("workspace.promote", promotion, actor, actor_name, {part: len(rows) for part, rows in plan.items()})
    except IntegrityError:
        raise CannotPromote(message("promotion.open", organization=organization.name)) from None
    return promotion


def connections_of(
    choice: Choice,
) -> tuple[Organization, ProviderConnection, ProviderConnection, ProviderConnection | None]:
    """Return the rows that a choice names, after the checks that concern them. Raises CannotPromote."""
    organization = Organization.objects.filter(pk=choice.organization_id).first()
    keys = {key for key in (choice.source_id, choice.destination_id, choice.admin_id) if key is not None}
    found = {
        row.pk: row for row in ProviderConnection.objects.defer(*READ).filter(pk__in=keys, provider=Provider.INSTANTLY)
    }
    if organization is None or len(found) != len(keys):
        raise CannotPromote(message("promotion.unknown"))
    if organization.is_house:
        raise CannotPromote(message("promotion.no_customer", name=organization.name))
    if organization.removal_requested_at is not None or not organization.is_active:
        raise CannotPromote(message("promotion.inactive", name=organization.name))
    source, destination = found[choice.source_id], found[choice.destination_id]
    if not source.is_shared:
        raise CannotPromote(message("promotion.not_shared", name=source.name))
    if destination.organization_id != organization.pk:
        raise CannotPromote(
            message(
                "promotion.not_theirs", name=destination.name, organization=organization.name, slug=organization.slug
            )
        )
    for row in found.values():
        if not row.is_active:
            raise CannotPromote(message("connection.off", name=row.name))
    return organization, source, destination, found.get(choice.admin_id) if choice.admin_id else None


def request_undo(promotion: Promotion, *, actor: User | None, actor_name: str, now: datetime) -> None:
    """Note that the promotion is to be taken back; a job or `run` does it. Raises CannotPromote if it is not open or runs."""
    _switch(promotion, (PromotionState.DONE, PromotionState.STOPPED), "promotion.not_undoable", state=PromotionState.RUNNING,
            undo_at=now, updated_at=now)  # fmt: skip
    _audit("workspace.promote_undo", promotion, actor, actor_name)


def request_continue(promotion: Promotion, *, now: datetime) -> None:
    """Note that a stopped promotion, or its undo, goes on. Raises CannotPromote for one that is not stopped."""
    _switch(promotion, (PromotionState.STOPPED,), "promotion.not_stopped", state=PromotionState.RUNNING, updated_at=now)


def confirm(promotion: Promotion, *, actor: User | None, actor_name: str, now: datetime) -> None:
    """Close a promotion that is done; it cannot be undone afterwards. Raises CannotPromote for any other."""
    _switch(promotion, (PromotionState.DONE,), "promotion.not_waiting", state=PromotionState.CONFIRMED, confirmed_at=now,
            updated_at=now)  # fmt: skip
    _audit("workspace.promote_confirm", promotion, actor, actor_name)


def _switch(promotion: Promotion, states: Collection[str], refusal: str, **changes: object) -> None:
    if not Promotion.objects.filter(pk=promotion.pk, state__in=states).update(**changes):
        raise CannotPromote(message(refusal))
    promotion.refresh_from_db()


def _audit(
    action: str, promotion: Promotion, actor: User | None, actor_name: str, detail: dict[str, object] | None = None
) -> None:
    record_audit(
        action=action,
        actor=actor,
        actor_name=actor_name,
        target=promotion,
        organization_id=promotion.organization_id,
        detail={"from": str(promotion.source_id), "to": str(promotion.destination_id), **(detail or {})},
    )
