"""Rows that every benchmark part needs: organizations, a shared workspace with campaigns, tokens.

Created through the product's own models.
"""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.hashers import make_password
from knox.models import get_token_model

from accounts.choices import StaffRole
from accounts.models import Membership, Organization, ProviderConnection, User, WebhookSecret
from campaigns.choices import CampaignStatus
from campaigns.models import Campaign
from salesbrain import rls

ORGANIZATIONS = 100
CAMPAIGNS = 200


@dataclass(frozen=True)
class Workspace:
    connection_id: UUID
    workspace_id: str
    secret: str
    campaigns: tuple[str, ...]  # the provider's ids


def organizations() -> list[UUID]:
    """Make the organizations; return their ids."""
    made = [Organization(name=f"Organization {n:03}", slug=f"organization-{n:03}") for n in range(ORGANIZATIONS)]
    with rls.scope(rls.SYSTEM):
        return [organization.pk for organization in Organization.objects.bulk_create(made)]


def known_or_new() -> list[UUID]:
    """Return the organizations of this database; create them if there are none."""
    with rls.scope(rls.SYSTEM):
        known = list(Organization.objects.customers().order_by("slug").values_list("pk", flat=True))
    return known or organizations()


def workspace(name: str, of: list[UUID], campaigns: int = CAMPAIGNS) -> Workspace:
    """Make a shared workspace whose campaigns are assigned evenly, with a webhook secret."""
    with rls.scope(rls.SYSTEM):
        connection = ProviderConnection.objects.create(name=name, workspace_id=f"workspace-{name}", workspace_name=name)
        secret = WebhookSecret.objects.issue(connection).secret
        Campaign.objects.bulk_create(
            Campaign(
                organization_id=of[n % len(of)],
                connection=connection,
                provider_id=f"{name}-{n:04}",
                name=f"Campaign {n:04} of {name}",
                status=CampaignStatus.ACTIVE,
                senders=[f"nora{n}@outreach.example" for n in range(5)],
            )
            for n in range(campaigns)
        )
    return Workspace(connection.pk, connection.workspace_id, secret, tuple(f"{name}-{n:04}" for n in range(campaigns)))


def customer(organization: UUID, address: str) -> str:
    """Make a customer of one organization and return a token for the API."""
    user = User.objects.create(email=address, password=make_password(None))
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=user, organization_id=organization)
    return get_token_model().objects.create(user)[1]


def viewer(address: str) -> str:
    """Create a staff member who may view everything and return an API token."""
    made = {"password": make_password(None), "role": StaffRole.VIEWER}
    user, _ = User.objects.get_or_create(email=address, defaults=made)  # several parts may ask for the same
    return get_token_model().objects.create(user)[1]


def viewer_for_pages() -> User:
    """Create a staff member who may view everything, for pages."""
    made = {"password": make_password(None), "role": StaffRole.VIEWER}
    user, _ = User.objects.get_or_create(email="pages@bench.example", defaults=made)
    return user
