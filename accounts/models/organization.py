"""Organizations (the agency's customers, and the agency itself) and their members."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import MembershipRole
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel
from salesbrain.rls.policies import tenant_policies_2

HOUSE_ID = UUID("00000000-0000-4000-8000-00000000054b")
"""The agency's own organization. Fixed, so that it is the same row after every migrate and every test flush."""


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def customers(self) -> "OrganizationQuerySet":
        """Narrow to customers: all but the agency's own organization."""
        return self.filter(is_house=False)

    def house(self) -> "Organization":
        return self.get(is_house=True)


class Organization(TenantModel, Keyed):
    """A customer of the agency; one row is the agency itself (the house), which owns whatever is not assigned to a customer."""

    organization_column = "id"

    name = models.TextField(unique=True)
    slug = models.SlugField(unique=True)
    is_house = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(
        default=True, help_text="Users of an inactive organization get 403; its data stays."
    )
    removal_requested_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since then a job removes all of it."
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        rls_policies = tenant_policies_2("id")
        constraints = [
            models.UniqueConstraint(fields=["is_house"], condition=Q(is_house=True), name="organization_one_house")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TenantModel, Keyed):
    """Access of a user to an organization, with the rights of their role there (accounts/permissions.py)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.TextField(choices=MembershipRole, default=MembershipRole.MEMBER)

    class Meta:
        ordering = ["organization", "user"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=MembershipRole.values), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
