"""Email accounts and campaigns that a promotion may take, and what speaks against it."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import EmailAccount, Organization, ProviderConnection
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign

MOST = 1000
"""Email accounts and campaigns of one promotion at most."""

READ = (
    "id",
    "name",
    "status",
    "senders",
    "provider_id",
    "organization_id",
    "connection_id",
    "leads_count",
    "contacted_count",
)


@dataclass(frozen=True, slots=True)
class AccountCandidate:
    """An email account that may move, and the customer's campaigns that send from it.

    `used_by`: other organizations' campaigns that send from it too; it cannot be taken from them. `is_house`: nobody's so far.
    """

    account: EmailAccount
    campaigns: tuple[Campaign, ...]
    used_by: tuple[Campaign, ...]
    is_house: bool

    @property
    def is_free(self) -> bool:
        return not self.used_by


@dataclass(frozen=True, slots=True)
class CampaignCandidate:
    """A campaign of the customer in the shared workspace. `moving`: how many of its senders may move."""

    campaign: Campaign
    moving: int

    @property
    def is_sending(self) -> bool:
        return self.campaign.status == CampaignStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a promotion out of one workspace may take; `cut`: there is more than a promotion takes at once."""

    accounts: list[AccountCandidate] = field(default_factory=list)
    campaigns: list[CampaignCandidate] = field(default_factory=list)
    cut: bool = False

    @property
    def free_addresses(self) -> set[str]:
        return {one.account.address for one in self.accounts if one.is_free}


def candidates(organization: Organization, source: ProviderConnection) -> Candidates:
    """Return what the organization has in this shared workspace. Call in a scope that shows all organizations.

    Email accounts are the customer's, and the agency's own that the customer's campaigns send from. One that a campaign of
    somebody else sends from is listed, but cannot be taken; a completed campaign sends no more.
    """
    there = Campaign.objects.filter(connection=source, missing_since__isnull=True).only(*READ)
    own: list[Campaign] = []
    users: dict[str, list[Campaign]] = defaultdict(list)
    others: dict[str, list[Campaign]] = defaultdict(list)
    for campaign in there.order_by("name", "id"):
        is_own = campaign.organization_id == organization.pk
        if is_own:
            own.append(campaign)
        if is_own or campaign.status != CampaignStatus.COMPLETED:
            for address in _addresses(campaign.senders):
                (users if is_own else others)[address].append(campaign)
    theirs = Q(organization=organization) | Q(organization__is_house=True, address__in=list(users))
    rows = list(
        EmailAccount.objects.filter(theirs, connection=source, missing_since__isnull=True)
        .defer("raw")
        .order_by("address", "id")[: MOST + 1]
    )
    accounts = [
        AccountCandidate(
            row, tuple(users[row.address]), tuple(others[row.address]), row.organization_id != organization.pk
        )
        for row in rows[:MOST]
    ]
    free = {one.account.address for one in accounts if one.is_free}
    found = [
        CampaignCandidate(campaign, sum(address in free for address in _addresses(campaign.senders)))
        for campaign in own[:MOST]
    ]
    return Candidates(accounts, found, len(rows) > MOST or len(own) > MOST)


def in_shared_workspaces() -> dict[tuple[UUID, UUID], int]:
    """Return how many campaigns each customer has in each shared workspace, by organization and connection. Call in a staff scope."""
    rows = (
        Campaign.objects.filter(
            connection__organization__isnull=True,
            connection__is_active=True,
            organization__is_house=False,
            missing_since__isnull=True,
        )
        .order_by()
        .values_list("organization_id", "connection_id")
        .annotate(count=Count("pk"))
    )
    return {(organization, connection): count for organization, connection, count in rows}


def _addresses(senders: object) -> set[str]:
    return {str(one).lower() for one in senders} if isinstance(senders, list) else set()
