"""Request of a removal: stop the organization's feed, users and replies in one transaction.

Once they are stopped, nothing is added while a job removes the rows.
"""

from datetime import datetime
from uuid import UUID

from accounts.models import Organization, ProviderConnection, User, WebhookSecret
from accounts.services import record_audit
from campaigns.models import Campaign
from instantly.organization_removal.plan import Plan, plan_of
from messaging.choices import OutboxState
from messaging.models import OutboxMessage
from salesbrain import rls


class RemovalRefused(Exception):
    """Error: the organization is not removed; the text says why and what to do."""


def request_removal(
    organization_id: UUID,
    *,
    confirmation: str,
    now: datetime,
    while_sending: bool = False,
    actor: User | None = None,
    actor_name: str = "",
) -> Plan:
    """Mark the organization for removal and stop its feed, users and replies; a job removes its rows. Return what will go.

    `confirmation` is its exact name. `while_sending`: although campaigns of shared workspaces still send, whose unsubscribes nobody would
    record. Repeating a request changes nothing. Raises RemovalRefused, Organization.DoesNotExist.
    """
    with rls.scope(rls.SYSTEM):
        organization = Organization.objects.select_for_update().get(pk=organization_id)
        _require_removable(organization, confirmation)
        # A batch that is being recorded holds KEY SHARE on its campaigns: it ends before this, or finds them removed.
        campaigns = Campaign.objects.filter(organization=organization)
        list(campaigns.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        plan = plan_of(organization)
        if organization.removal_requested_at is not None:
            return plan
        _require_quiet(plan, while_sending)
        Organization.objects.filter(pk=organization_id).update(
            is_active=False, removal_requested_at=now, updated_at=now
        )
        campaigns.update(removed_at=now)
        own = ProviderConnection.objects.filter(organization=organization)
        WebhookSecret.objects.filter(connection__in=own).delete()
        own.update(is_active=False, updated_at=now)
        OutboxMessage.objects.filter(organization=organization, state=OutboxState.QUEUED).delete()
        record_audit(
            action="organization.removal_requested",
            actor=actor,
            actor_name=actor_name,
            organization_id=organization_id,
            detail={
                "rows": plan.rows,
                "users": plan.users,
                "workspaces": len(plan.connections),
                "returned": len(plan.returned),
            },
        )
    return plan


def _require_removable(organization: Organization, confirmation: str) -> None:
    if organization.is_house:
        raise RemovalRefused(
            "The agency's own organization cannot be removed: it owns whatever is assigned to nobody. To end an installation, drop its "
            "database."
        )
    if confirmation != organization.name:
        raise RemovalRefused(
            f"The confirmation does not match: give the organization's exact name, {organization.name!r}. Nothing was changed."
        )
    foreign = Campaign.objects.filter(connection__organization=organization).exclude(organization=organization)
    if row := foreign.select_related("organization", "connection").first():
        raise RemovalRefused(
            f"The workspace {row.connection.name} holds the campaign {row.name!r} of {row.organization.name}: make the workspace shared "
            "(its organization empty) or give that campaign to this organization first."
        )


def _require_quiet(plan: Plan, while_sending: bool) -> None:
    if plan.sending and not while_sending:
        named = ", ".join(repr(name) for name in plan.sending[:5]) + (", …" if len(plan.sending) > 5 else "")
        raise RemovalRefused(
            f"Instantly still sends {len(plan.sending)} of its campaigns in shared workspaces ({named}): pause them first, because who "
            "unsubscribes afterwards is recorded nowhere. --while-sending removes it all the same."
        )
