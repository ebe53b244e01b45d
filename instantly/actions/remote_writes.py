"""What staff change at Instantly: there first, then in our mirror, and in the audit log with who.

The answer Instantly gives is mirrored with the statement a sync uses, so a pause or a start becomes its derived event
too. Where a call's outcome is unknown (the connection broke after it was sent), nothing is repeated: we look, and if it
was carried out we go on as if it had been answered; else the error says that it is not known, the audit log says the
same, and a sync is queued, which brings whatever did happen.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import EmailAccount, ProviderConnection, User
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly import schemas
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError, NotFound
from instantly.connections.services import client_for, record_if_shut_out
from instantly.sync import derived_events, mirror
from salesbrain import rls

Lookup = Callable[[InstantlyClient], schemas.Answer | None]
"""Asks Instantly whether a write whose outcome is unknown was carried out; returns the object if it was."""


def create_campaign(
    connection: ProviderConnection,
    *,
    name: str,
    schedule: Mapping[str, Any],
    actor: User | None,
    fields: Mapping[str, Any] | None = None,
) -> Campaign:
    """Make a draft at Instantly and return it as mirrored. `fields` are Instantly's own names, such as daily_limit.

    Senders (email_list) are set by a second call: given at creation they are ignored. Raises InstantlyError (`uncertain`
    where it is not known whether the campaign was made), ConnectionUnusable, TypeError for a field Instantly has not.
    """
    rest = dict(fields or {})
    senders = rest.pop("email_list", None)

    def made_already(client: InstantlyClient) -> schemas.Campaign | None:
        """Ours, if one of this name has come that we have not got: two of one name are nobody's proof."""
        known = _known_campaigns(connection)
        new = [
            campaign for campaign in client.campaigns(search=name) if campaign.name == name and campaign.id not in known
        ]
        return new[0] if len(new) == 1 else None

    def create(client: InstantlyClient) -> schemas.Campaign:
        if connection.workspace_id:  # a change names an object that only one workspace has; this would go anywhere
            client.require_workspace(connection.workspace_id)
        return client.create_campaign(name=name, campaign_schedule=schedule, **rest)

    made = _write(connection, "campaign.create", create, made_already, actor, detail={"name": name})
    campaign = _mirrored_campaign(connection, made.id)
    return update_campaign(campaign.pk, {"email_list": senders}, actor=actor) if senders else campaign


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

    made = _write(
        connection,
        "campaign.duplicate",
        lambda client: client.duplicate_campaign(campaign.provider_id, name=name),
        made_already,
        actor,
        detail={"of": campaign.provider_id, "name": name},
        organization_id=campaign.organization_id,
    )
    return _mirrored_campaign(connection, made.id)


def delete_campaign(campaign_id: UUID, *, actor: User | None) -> Campaign:
    """Delete it at Instantly; ours stays, marked missing, with all that happened in it."""
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

    _write(campaign.connection, "campaign.delete", delete, gone, actor, target=campaign, mirrored=False)
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=campaign.pk, missing_since=None).update(missing_since=now, updated_at=now)
    return _campaign(campaign.pk)


def pause_email_account(account_id: UUID, *, actor: User | None) -> EmailAccount:
    return _switch_email_account(account_id, actor, "email_account.pause", {2}, InstantlyClient.pause_email_account)


def resume_email_account(account_id: UUID, *, actor: User | None) -> EmailAccount:
    return _switch_email_account(account_id, actor, "email_account.resume", {1}, InstantlyClient.resume_email_account)


def _switch_email_account(
    account_id: UUID,
    actor: User | None,
    action: str,
    wanted: set[int],
    call: Callable[[InstantlyClient, str], schemas.EmailAccount],
) -> EmailAccount:
    with rls.scope(rls.SYSTEM):
        account = EmailAccount.objects.select_related("connection").get(pk=account_id)

    def look(client: InstantlyClient) -> schemas.EmailAccount | None:
        now = client.email_account(account.provider_id)
        return now if now.status in wanted else None

    _write(
        account.connection,
        action,
        lambda client: call(client, account.provider_id),
        look,
        actor,
        target=account,
        kind=mirror.EMAIL_ACCOUNTS,
    )
    with rls.scope(rls.SYSTEM):
        return EmailAccount.objects.select_related("connection").get(pk=account_id)


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
    _write(campaign.connection, action, call, look, actor, target=campaign, detail=detail)
    return _campaign(campaign.pk)


def _write(
    connection: ProviderConnection,
    action: str,
    call: Callable[[InstantlyClient], Any],
    look: Lookup,
    actor: User | None,
    *,
    target: Campaign | EmailAccount | None = None,
    detail: dict[str, Any] | None = None,
    kind: mirror.Kind = mirror.CAMPAIGNS,
    mirrored: bool = True,
    organization_id: UUID | None = None,
) -> Any:
    """Do it at Instantly, then mirror what it answered, and write down who did it in the same transaction."""
    with client_for(connection) as client:
        began_at = timezone.now()
        try:
            answer = call(client)
            outcome = "done"
        except InstantlyError as error:
            if not error.uncertain:
                record_if_shut_out(connection, error)
                raise
            found = _looked_up(client, look)
            if found is None:
                _record_audit(
                    action, actor, connection, target, (detail or {}) | {"outcome": "unknown", "error": str(error)}
                )
                queue_sync(connection, actor)
                raise
            answer, outcome = found, "found done after an answer was lost"
    facts = (detail or {}) | {"outcome": outcome, "provider_id": kind.key(answer)}
    with rls.scope(rls.SYSTEM):
        if mirrored:
            _mirror(kind, connection, answer, began_at, organization_id)
        _record_audit(action, actor, connection, target, facts)
    return answer


def queue_sync(connection: ProviderConnection, actor: User | None) -> None:
    """Queue a sync of this connection: what an unknown outcome was, the next listing tells."""
    sync_one = app.configure_task("instantly.tasks.sync_one", priority=5)  # by name: the tasks import what is here
    sync_one.defer(connection_id=str(connection.pk), actor_name=str(actor or ""))


def _looked_up(client: InstantlyClient, look: Lookup) -> Any:
    try:
        return look(client)
    except InstantlyError:
        return None  # not known stays not known


def _mirror(
    kind: mirror.Kind, connection: ProviderConnection, answer: Any, at: datetime, organization_id: UUID | None
) -> None:
    now = timezone.now()  # the answer is newer than anything that was listed before it
    stored = answer.stored(answer.raw)
    row = mirror.Row(kind.row(answer), stored, mirror.digest(stored))
    changes = mirror.write(kind, connection, [row], seen_at=now, began_at=at)
    derived_events.store_derived_events(kind, connection, changes, seen_at=now)
    if organization_id is not None:
        new = [change.id for change in changes if change.action == "imported"]
        Campaign.objects.filter(pk__in=new).update(organization_id=organization_id)


def _record_audit(
    action: str,
    actor: User | None,
    connection: ProviderConnection,
    target: Campaign | EmailAccount | None,
    detail: dict[str, Any],
) -> None:
    with rls.scope(rls.SYSTEM):
        record_audit(
            action=action,
            actor=actor,
            target=target or connection,
            organization_id=target.organization_id if target else connection.organization_id,
            detail=detail,
        )
