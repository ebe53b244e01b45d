"""Steps that undo a promotion: delete copies, move email accounts back, start campaigns again."""

from uuid import UUID

from django.db import transaction

from campaigns.models import Campaign
from instantly.actions import campaigns
from instantly.actions.promotion.steps import ACTIVE, PAUSED, made_before, relocate
from instantly.actions.promotion.work import Work, move
from instantly.client.errors import NotFound
from salesbrain import rls
from salesbrain.kernel.messages import message

DRAFT = 0
OVER = ("back", "kept", "left")


def delete_copies(work: Work) -> None:
    """Delete the copies at Instantly. One that was activated since then, or has leads, is somebody's work and stays."""
    for key, note in list(work.promotion.journal.get("copies", {}).items()):
        if note.get("state") in OVER:
            continue
        copy = made_before(work, key)
        if copy is None:
            work.note("copies", key, state="back")
        elif _is_untouched(work, copy):
            campaigns.delete_campaign(copy.pk, actor=work.actor)
            work.note("copies", key, state="back")
        else:
            work.leave("copies", key, message("promotion.copy_kept", name=copy.name), state="kept")


def _is_untouched(work: Work, copy: Campaign) -> bool:
    client = work.destination_client
    try:
        if client.campaign(copy.provider_id).status != DRAFT:
            return False
    except NotFound:
        return True
    return next(iter(client.leads(campaign=copy.provider_id)), None) is None


def move_accounts_back(work: Work) -> None:
    """Move back what this promotion moved, but not what a copy that stays sends from."""
    noted = work.promotion.journal.get("accounts", {})
    if all(note.get("state") in OVER for note in noted.values()):
        return
    planned = {row["address"]: row for row in work.promotion.plan["accounts"]}
    with work.syncs_held():
        used = _senders_of_kept_copies(work)
        for address, note in list(noted.items()):
            if note.get("state") in OVER:
                continue
            if note.get("by_hand") or address in used:
                workspace = work.promotion.destination.name
                why = message("promotion.account_kept", address=address, workspace=workspace)
                work.leave("accounts", address, why, state="kept")
            else:
                _move_back(work, address, planned[address]["provider_id"], UUID(planned[address]["before"]))


def _move_back(work: Work, address: str, provider_id: str, before: UUID) -> None:
    promotion = work.promotion
    if not move(work, provider_id, back=True):
        workspace = promotion.destination.name
        work.leave("accounts", address, message("promotion.account_gone", address=address, workspace=workspace))
        return
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        relocate(address, promotion.destination_id, promotion.source_id, before, work)
        work.note("accounts", address, state="back")


def start_campaigns_again(work: Work) -> None:
    """Activate what this promotion paused, if it is still paused and still the customer's."""
    for key, note in list(work.promotion.journal.get("paused", {}).items()):
        if note.get("state") in OVER:
            continue
        with rls.scope(rls.SYSTEM):
            campaign = Campaign.objects.filter(pk=key, organization=work.promotion.organization).first()
        status = None
        if campaign is not None:
            try:
                status = work.source_client.campaign(campaign.provider_id).status
            except NotFound:
                status = None
        if campaign is not None and status == PAUSED:
            campaigns.activate_campaign(campaign.pk, actor=work.actor)
        elif status != ACTIVE:
            name = next((row["name"] for row in work.promotion.plan["paused"] if row["id"] == key), key)
            work.leave("paused", key, message("promotion.not_paused", name=name))
            continue
        work.note("paused", key, state="back")


def _senders_of_kept_copies(work: Work) -> set[str]:
    kept = [note["copy"] for note in work.promotion.journal.get("copies", {}).values() if note.get("state") == "kept"]
    with rls.scope(rls.SYSTEM):
        listed = Campaign.objects.filter(pk__in=kept).values_list("senders", flat=True)
        return {str(address).lower() for senders in listed for address in senders or ()}
