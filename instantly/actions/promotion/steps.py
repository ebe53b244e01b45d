"""Steps of a promotion: pause campaigns, move email accounts, copy campaigns; each is repeatable."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import EmailAccount
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly.actions import campaigns
from instantly.actions.promotion.candidates import candidates
from instantly.actions.promotion.requests import CannotPromote
from instantly.actions.promotion.work import Work, account_at, move
from instantly.client import InstantlyClient
from instantly.client.errors import NotFound
from instantly.client.operations import CREATE_CAMPAIGN
from salesbrain import rls
from salesbrain.kernel.messages import message

ACTIVE, PAUSED = 1, 2
"""Instantly's numbers of a campaign's status."""

OWN_TO_A_WORKSPACE = {"name", "campaign_schedule", "email_list", "email_tag_list", "owned_by", "ai_sdr_id"}
"""Fields of a campaign that are given otherwise, or name a tag or a person whom the other workspace does not have."""


def pause_campaigns(work: Work) -> None:
    """Pause the chosen campaigns that are active. One that somebody else paused is left alone, also by an undo."""
    for row in work.promotion.plan["paused"]:
        note = work.noted("paused", row["id"])
        if note.get("state") in ("done", "left"):
            continue
        campaign = _own(work, "paused", row)
        if campaign is None:
            continue
        try:
            status = work.source_client.campaign(campaign.provider_id).status
        except NotFound:
            work.leave("paused", row["id"], message("promotion.campaign_gone", name=row["name"]))
            continue
        if status == ACTIVE:
            work.note("paused", row["id"], state="begun")
            campaigns.pause_campaign(campaign.pk, actor=work.actor)
        elif note.get("state") != "begun" or status != PAUSED:
            work.leave("paused", row["id"], message("promotion.not_active", name=row["name"]))
            continue
        work.note("paused", row["id"], state="done")


def move_accounts(work: Work) -> None:
    """Move the chosen email accounts to the customer's workspace, at Instantly first, then here."""
    rows = work.promotion.plan["accounts"]
    if all(work.noted("accounts", row["address"]).get("state") in ("done", "left") for row in rows):
        return
    with work.syncs_held():
        with rls.scope(rls.SYSTEM):
            free = candidates(work.promotion.organization, work.promotion.source).free_addresses
        for row in rows:
            _move_account(work, row, free)


def _move_account(work: Work, row: Mapping[str, str], free: set[str]) -> None:
    address = row["address"]
    state = work.noted("accounts", address).get("state")
    if state in ("done", "left"):
        return
    if state is None:
        if account_at(work.destination_client, row["provider_id"]) is not None:  # moved by a person: an undo leaves it
            _take_over(work, address, by_hand=True)
            return
        if address not in free:
            work.leave("accounts", address, message("promotion.account_changed", address=address))
            return
        work.note("accounts", address, state="begun")
    if move(work, row["provider_id"]):
        _take_over(work, address, by_hand=False)
    else:
        workspace = work.promotion.source.name
        work.leave("accounts", address, message("promotion.account_gone", address=address, workspace=workspace))


def _take_over(work: Work, address: str, *, by_hand: bool) -> None:
    """Move our row to the customer's connection, with what is recorded about it, and note that this step is done."""
    promotion = work.promotion
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        relocate(address, promotion.source_id, promotion.destination_id, promotion.organization_id, work)
        work.note("accounts", address, state="done", by_hand=by_hand)


def relocate(address: str, source: UUID, destination: UUID, organization: UUID, work: Work) -> None:
    """Give the row of an email account to another connection and organization, in the caller's transaction and scope.

    If a sync has already made a row of this email account for `destination`, that row is deleted: it has no history yet. Without a row
    of `source`, nothing changes.
    """
    rows = EmailAccount.objects.select_for_update(of=("self",)).filter(address=address)
    found = {row.connection_id: row for row in rows.filter(connection_id__in=(source, destination)).order_by("pk")}
    row = found.get(source)
    if row is None:
        return
    if destination in found:
        EmailAccount.objects.filter(pk=found[destination].pk).delete()
    before = row.organization_id
    EmailAccount.objects.filter(pk=row.pk).update(
        connection_id=destination, organization_id=organization, missing_since=None, updated_at=timezone.now()
    )
    record_audit(
        action="email_account.promote",
        actor=work.actor,
        actor_name=work.actor_name,
        target=row,
        organization_id=organization,
        detail={
            "from": str(before),
            "to": str(organization),
            "connection": {"from": str(source), "to": str(destination)},
        },
    )


def copy_campaigns(work: Work) -> None:
    """Make a draft of each chosen campaign in the customer's workspace, with those of its senders that are there."""
    for row in work.promotion.plan["copies"]:
        if work.noted("copies", row["id"]).get("state") in ("done", "left"):
            continue
        campaign = _own(work, "copies", row)
        if campaign is None:
            continue
        try:
            exported = work.source_client.export_campaign(campaign.provider_id)
        except NotFound:
            work.leave("copies", row["id"], message("promotion.campaign_gone", name=row["name"]))
            continue
        copy = made_before(work, row["id"]) or _make_copy(work, row["id"], exported.raw)
        work.note("copies", row["id"], copy=str(copy.pk), provider_id=copy.provider_id, name=copy.name)
        senders = _senders_there(work, exported.raw.get("email_list"))
        if senders and copy.senders != senders:
            campaigns.update_campaign(copy.pk, {"email_list": senders}, actor=work.actor)
        work.note("copies", row["id"], state="done")


def made_before(work: Work, key: str) -> Campaign | None:
    """Return the copy that an earlier run made, also where it was killed before it could note which one that is.

    Raises CannotPromote where several campaigns could be it.
    """
    note = work.noted("copies", key)
    if "provider_id" in note:
        with rls.scope(rls.SYSTEM):
            return Campaign.objects.filter(
                connection=work.promotion.destination, provider_id=note["provider_id"], missing_since__isnull=True
            ).first()
    if note.get("state") != "begun":
        return None
    new = _named(work.destination_client, note["name"]) - set(note["known"])
    if len(new) > 1:
        workspace = work.promotion.destination.name
        raise CannotPromote(message("promotion.many_named", count=len(new), name=note["name"], workspace=workspace))
    return campaigns.adopt_campaign(work.promotion.destination, new.pop()) if new else None


def _make_copy(work: Work, key: str, exported: Mapping[str, Any]) -> Campaign:
    name = str(exported["name"])
    known = sorted(_named(work.destination_client, name))
    work.note("copies", key, state="begun", name=name, known=known)
    fields = {
        name: exported[name]
        for name in CREATE_CAMPAIGN.body or ()
        if name not in OWN_TO_A_WORKSPACE and exported.get(name) is not None
    }
    return campaigns.create_campaign(
        work.promotion.destination, name=name, schedule=exported["campaign_schedule"], actor=work.actor, fields=fields
    )


def _named(client: InstantlyClient, name: str) -> set[str]:
    """Return the ids of the workspace's campaigns of this name."""
    return {campaign.id for campaign in client.campaigns(search=name) if campaign.name == name}


def _senders_there(work: Work, listed: Any) -> list[str]:
    """Return those of a campaign's senders that the customer's workspace has, in their order."""
    wanted = [str(one) for one in listed or ()]
    with rls.scope(rls.SYSTEM):
        there = set(
            EmailAccount.objects.filter(
                connection=work.promotion.destination,
                address__in=[one.lower() for one in wanted],
                missing_since__isnull=True,
            ).values_list("address", flat=True)
        )
    return [one for one in wanted if one.lower() in there]


def _own(work: Work, part: str, row: Mapping[str, str]) -> Campaign | None:
    """Return the campaign of a step if it is still the customer's; else note that it is left out, and return None."""
    with rls.scope(rls.SYSTEM):
        campaign = Campaign.objects.filter(pk=row["id"], connection=work.promotion.source).first()
    if campaign is None or campaign.organization_id != work.promotion.organization_id:
        work.leave(part, row["id"], message("promotion.campaign_moved", name=row["name"]))
        return None
    return campaign
