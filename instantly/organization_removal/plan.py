"""Plan of an organization's removal: rows, workspaces, campaigns and users affected, and obstacles."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import AccessEntry, EmailAccount, Membership, Organization, ProviderConnection, User
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from instantly.models import Delivery
from instantly.organization_removal.tables import TABLES
from salesbrain import rls

SENDING = (CampaignStatus.ACTIVE, CampaignStatus.RUNNING_SUBSEQUENCES)


@dataclass(frozen=True, slots=True)
class Plan:
    """`rows`: by table; `connections`: names of dedicated workspaces; `returned`: names of campaigns that stay as empty rows of the house;
    `sending`: those of them that still send at Instantly; `users`: members of no other organization, who are deleted.
    """

    organization_id: UUID
    name: str
    slug: str
    rows: dict[str, int]
    connections: list[str]
    returned: list[str]
    sending: list[str]
    users: int

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def plan_of(organization: Organization) -> Plan:
    """Return the plan of a removal, with row counts. Reads only."""
    with rls.scope(rls.SYSTEM):
        own = ProviderConnection.objects.filter(organization=organization)
        connections = dict(own.values_list("pk", "name"))
        campaigns = list(shared_campaigns(organization.pk).values_list("name", "status"))
        models: tuple[Any, ...] = (*TABLES, AccessEntry)
        rows = {
            str(model._meta.verbose_name_plural): model._default_manager.filter(organization=organization).count()
            for model in models
        }
        rows["campaigns"] = Campaign.objects.filter(connection__in=connections).count()
        rows["email accounts"] = EmailAccount.objects.filter(connection__in=connections).count()
        rows["deliveries"] = Delivery.objects.filter(connection_id__in=list(connections)).count()
        return Plan(
            organization.pk, organization.name, organization.slug,
            rows={name: count for name, count in sorted(rows.items()) if count},
            connections=sorted(connections.values()), returned=[name for name, _ in campaigns],
            sending=[name for name, status in campaigns if status in SENDING], users=only_here(organization.pk).count(),
        )  # fmt: skip


def shared_campaigns(organization_id: UUID) -> QuerySet[Campaign]:
    """Return the organization's campaigns in shared workspaces. Needs SYSTEM scope, as all functions here."""
    return Campaign.objects.filter(organization=organization_id, connection__organization__isnull=True)


def only_here(organization_id: UUID) -> QuerySet[User]:
    """Return the users who are members of this organization, of no other, and no staff."""
    elsewhere: Any = Membership.objects.filter(user=OuterRef("pk")).exclude(organization=organization_id)
    here = User.objects.filter(memberships__organization=organization_id, role="")
    return here.filter(~Exists(elsewhere)).order_by("pk")
