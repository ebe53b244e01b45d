"""Users, by email: staff with one role, or customers through memberships."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.choices import StaffRole
from accounts.permissions import may
from salesbrain import rls


class OrganizationRequired(Exception):
    """The user belongs to several organizations and did not say which one is meant."""


class NoOrganization(Exception):
    """The user is nobody's: no staff role and no active organization."""


class UnknownOrganization(Exception):
    """The organization named is not the user's. Answered exactly as if it did not exist."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can log in as them."""
        if not email:
            raise ValueError("A user logs in by email: give one.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": StaffRole.ADMIN, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Staff (`role` set) see all organizations in the admin; everybody else sees those they are a member of.

    Not under row-level security: a login happens before any scope exists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField(blank=True, default="")
    role = models.TextField(choices=StaffRole, blank=True, default="", help_text="Empty: a customer.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    told_organizations: list[tuple[UUID, str]] | None = None
    """Result of `organizations` if the statement that found the user returned it too (salesbrain.api.identity)."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *StaffRole.values]), name="user_role"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    # --- staff --------------------------------------------------------------------------------------------------

    @property
    def is_staff(self) -> bool:
        return bool(self.role)

    @property
    def is_superuser(self) -> bool:
        """For third-party code that asks; ours asks `has_perm`."""
        return self.role == StaffRole.ADMIN

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_active and may(self.role, permission)

    def has_perms(self, permissions: list[str], obj: object = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    # --- whose eyes ---------------------------------------------------------------------------------------------

    def organizations(self) -> list[tuple[UUID, str]]:
        """Return (id, name) of the active organizations the user is a member of, by name, in one statement."""
        from .organization import Membership

        if self.told_organizations is not None:
            return self.told_organizations
        with rls.scope(rls.SYSTEM):
            memberships = Membership.objects.filter(user_id=self.pk, organization__is_active=True)
            return list(memberships.order_by("organization__name").values_list("organization_id", "organization__name"))

    def scope_for(self, organization_id: UUID | None = None) -> rls.Scope:
        """Return the scope a request of this user runs in.

        Staff see every organization, whatever they name. A customer of one organization may leave it out; a customer of
        several must say which. Raises NoOrganization, OrganizationRequired or UnknownOrganization.
        """
        if self.role:
            return rls.staff(self.role)
        mine = [id for id, _ in self.organizations()]
        if not mine:
            raise NoOrganization
        if organization_id is None:
            if len(mine) > 1:
                raise OrganizationRequired
            return rls.customer(mine[0])
        if organization_id not in mine:
            raise UnknownOrganization
        return rls.customer(organization_id)
