"""Addresses of staff's own pages for the admin benchmark, and rows to show on them."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.models import EmailAccount, Organization, ProviderConnection
from accounts.models.organization import HOUSE_ID
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule, Campaign
from salesbrain import rls

NOBODYS, RULES, ACCOUNTS = 300, 20, 200
CUSTOMERS = 3
"""Customers whose trust page and promotion are opened."""
OWN = "bench-own"


def fill() -> None:
    """Give the first shared workspace campaigns that are nobody's, rules and email accounts; a customer gets a workspace of their own.

    Running it again changes nothing.
    """
    with rls.scope(rls.SYSTEM):
        shared = _shared()[0]
        customers = list(Organization.objects.customers().order_by("slug")[:RULES])
        Campaign.objects.bulk_create(
            (
                Campaign(
                    organization_id=HOUSE_ID,
                    connection=shared,
                    provider_id=f"nobodys-{n:04}",
                    name=f"{customers[n % len(customers)].name} offer {n:04}",
                    senders=[f"nora{n % ACCOUNTS}@outreach.example"],
                )
                for n in range(NOBODYS)
            ),
            ignore_conflicts=True,
        )
        AssignmentRule.objects.bulk_create(
            (
                AssignmentRule(
                    connection=shared, organization=customer, kind=RuleKind.NAME_PREFIX, value=customer.name, priority=n
                )
                for n, customer in enumerate(customers)
            ),
            ignore_conflicts=True,
        )
        EmailAccount.objects.bulk_create(
            (
                EmailAccount(
                    organization=customers[n % len(customers)],
                    connection=shared,
                    address=f"nora{n}@outreach.example",
                    provider_id=f"nora{n}@outreach.example",
                    status="active",
                )
                for n in range(ACCOUNTS)
            ),
            ignore_conflicts=True,
        )
        ProviderConnection.objects.get_or_create(
            name=OWN, defaults={"organization": customers[0], "workspace_id": f"workspace-{OWN}", "workspace_name": OWN}
        )


def addresses() -> Iterator[str]:
    """Yield the addresses of these pages, with keys of rows in the database."""
    with rls.scope(rls.SYSTEM):
        shared = [row.pk for row in _shared()]
        customers = list(Organization.objects.customers().order_by("slug").values_list("pk", flat=True)[:CUSTOMERS])
    yield from (reverse(f"admin:{name}") for name in ("assignment", "promotions", "conflicts", "jobs", "isolation"))
    for connection in shared:
        yield reverse("admin:assignment_rules", args=[connection])
        yield reverse("admin:assignment_import", args=[connection])
        yield from (reverse("admin:promotion_new", args=[customer, connection]) for customer in customers)
    yield from (reverse("admin:trust", args=[customer]) for customer in customers)


def _shared() -> list[ProviderConnection]:
    return list(ProviderConnection.objects.filter(organization=None).order_by("name"))
