"""Write campaigns (create, change, pause …) at Instantly, then mirror and audit the result."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import ProviderConnection, User
from campaigns.models import Campaign
from instantly import schemas
from instantly.client import InstantlyClient
from instantly.client.errors import NotFound
from instantly.connections.services import client_for
from instantly.sync import mirror
from salesbrain import rls

from .remote_write import CAMPAIGN, GONE_CAMPAIGN, Lookup, Mirroring, RemoteWrite


def create_campaign(
    connection: ProviderConnection,
    *,
    name: str,
    schedule: Mapping[str, Any],
    actor: User | None,
    fields: Mapping[str, Any] | None = None,
) -> Campaign:
    """Create a draft campaign at Instantly and return it as mirrored. `fields` are Instantly's own names, such as daily_limit.

    Senders (email_list) are set by a second call: given at creation they are ignored. Raises InstantlyError (`uncertain`
    where it is not known whether the campaign was made), ConnectionUnusable, TypeError for a field Instantly has not.
    """
    rest = dict(fields or {})
    senders = rest.pop("email_list", None)

    def made_already(client: InstantlyClient) -> schemas.Campaign | None:
        """After a lost response, return the created campaign: the only one at Instantly with this name that is not mirrored yet."""
        known = _known_campaigns(connection)
        new = [
            campaign for campaign in client.campaigns(search=name) if campaign.name == name and campaign.id not in known
        ]
        return new[0] if len(new) == 1 else None

    def create(client: InstantlyClient) -> schemas.Campaign:
        if connection.workspace_id:  # a change names an object that only one workspace has; this would go anywhere
            client.require_workspace(connection.workspace_id)
        return client.create_campaign(name=name, campaign_schedule=schedule, **rest)

    made = RemoteWrite(connection, "campaign.create", create, made_already, actor, detail={"name": name}).run()
    campaign = _mirrored_campaign(connection, made.id)
    return update_campaign(campaign.pk, {"email_list": senders}, actor=actor) if senders else campaign


def adopt_campaign(connection: ProviderConnection, provider_id: str) -> Campaign:
    """Return our row of a campaign of the workspace by Instantly's id, made as a sync makes it where there is none yet.

    Raises InstantlyError, ConnectionUnusable.
    """
    with client_for(connection) as client:
        began_at = timezone.now()
        answer = client.campaign(provider_id)
    with rls.scope(rls.SYSTEM):
        CAMPAIGN.store(connection, answer, began_at=began_at)
    return _mirrored_campaign(connection, answer.id)


def update_campaign(campaign_id: UUID, fields: Mapping[str, Any], *, actor: User | None) -> Campaign:
    """Change fields of a campaign by Instantly's names (name, daily_limit, campaign_schedule, …); lists are replaced."""
    campaign = _campaign(campaign_id)

    def as_wanted(client: InstantlyClient) -> schemas.Campaign | None:
        now = client.campaign(campaign.provider_id)
        return now if all(now.raw.get(field) == value for field, value in fields.items()) else None

    return _change(
        campaign,
        "campaign.update",
        lambda client: client.update_campaign(campaign.provider_id, **fields),
        as_wanted,
        actor,
        {"fields": sorted(fields)},
    )


def activate_campaign(campaign_id: UUID, *, actor: User | None) -> Campaign:
    """Start or resume sending."""
    campaign = _campaign(campaign_id)
    look = _in_status(campaign, {1})
    return _change(
        campaign, "campaign.activate", lambda client: client.activate_campaign(campaign.provider_id), look, actor
    )


def pause_campaign(campaign_id: UUID, *, actor: User | None) -> Campaign:
    """Stop sending for now."""
    campaign = _campaign(campaign_id)
    look = _in_status(campaign, {2})
    return _change(campaign, "campaign.pause", lambda client: client.pause_campaign(campaign.provider_id), look, actor)


def duplicate_campaign(campaign_id: UUID, *, name: str, actor: User | None) -> Campaign:
    """Copy a campaign under a new name; return the copy, a draft of the same organization."""
    campaign = _campaign(campaign_id)
    connection = campaign.connection

    def made_already(client: InstantlyClient) -> schemas.Campaign | None:
        known = _known_campaigns(connection)
        new = [copy for copy in client.campaigns(search=name) if copy.name == name and copy.id not in known]
        return new[0] if len(new) == 1 else None

    made = RemoteWrite(
        connection,
        "campaign.duplicate",
        lambda client: client.duplicate_campaign(campaign.provider_id, name=name),
        made_already,
        actor,
        detail={"of": campaign.provider_id, "name": name},
        mirroring=Mirroring(mirror.CAMPAIGNS, organization_id=campaign.organization_id),
    ).run()
    return _mirrored_campaign(connection, made.id)


def delete_campaign(campaign_id: UUID, *, actor: User | None) -> Campaign:
    """Delete a campaign at Instantly; our row stays, marked missing, with its history."""
    campaign = _campaign(campaign_id)
    as_it_was = schemas.Campaign(id=campaign.provider_id, name=campaign.name, status=campaign.status_code or 0)

    def gone(client: InstantlyClient) -> schemas.Campaign | None:
        try:
            client.campaign(campaign.provider_id)
        except NotFound:
            return as_it_was
        return None

    def delete(client: InstantlyClient) -> schemas.Campaign:
        try:
            return client.delete_campaign(campaign.provider_id)
        except NotFound:
            return as_it_was  # somebody was faster

    RemoteWrite(
        campaign.connection, "campaign.delete", delete, gone, actor, target=campaign, mirroring=GONE_CAMPAIGN
    ).run()
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=campaign.pk, missing_since=None).update(missing_since=now, updated_at=now)
    return _campaign(campaign.pk)


def _campaign(campaign_id: UUID) -> Campaign:
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.select_related("connection", "organization").get(pk=campaign_id)


def _mirrored_campaign(connection: ProviderConnection, provider_id: str) -> Campaign:
    with rls.scope(rls.SYSTEM):
        return Campaign.objects.select_related("connection").get(connection=connection, provider_id=provider_id)


def _known_campaigns(connection: ProviderConnection) -> set[str]:
    with rls.scope(rls.SYSTEM):
        return set(Campaign.objects.filter(connection=connection).values_list("provider_id", flat=True))


def _in_status(campaign: Campaign, wanted: set[int]) -> Lookup:
    def look(client: InstantlyClient) -> schemas.Campaign | None:
        now = client.campaign(campaign.provider_id)
        return now if now.status in wanted else None

    return look


def _change(
    campaign: Campaign,
    action: str,
    call: Callable[[InstantlyClient], schemas.Campaign],
    look: Lookup,
    actor: User | None,
    detail: dict[str, Any] | None = None,
) -> Campaign:
    RemoteWrite(campaign.connection, action, call, look, actor, target=campaign, detail=detail or {}).run()
    return _campaign(campaign.pk)
