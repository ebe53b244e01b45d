"""User model, identified by email: staff with one role, or customers through memberships."""

import uuid
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.choices import Language, MembershipRole, StaffRole
from accounts.permissions import STAFF_AS_MEMBERS, may
from salesbrain import rls


class OrganizationRequired(rls.NoScope):
    """Error: the user belongs to several organizations and the request names none."""


class NoOrganization(rls.NoScope):
    """Error: the user has neither a staff role nor an active organization."""


class UnknownOrganization(rls.NoScope):
    """Error: the named organization is not the user's. The response is the same as for one that does not exist."""


class OrganizationOfUser(NamedTuple):
    """An organization that a user has access to, and their role there (a MembershipRole)."""

    id: UUID
    name: str
    role: str


@cache
def time_zones() -> frozenset[str]:
    """Return the names of IANA time zones to choose from, such as Europe/Berlin and UTC, without aliases such as EST5EDT."""
    return frozenset(name for name in available_timezones() if name == "UTC" or name.partition("/")[0] in REGIONS)


REGIONS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless this is an IANA time zone such as Europe/Berlin."""
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use an IANA name such as Europe/Berlin."),
            code="unknown_time_zone",
            params={"name": name},
        )


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user. Without a password the user cannot log in."""
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
    """A user. Staff (`role` set) see all organizations in the admin; customers see those they are a member of.

    Not under row-level security: a login happens before any scope exists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.TextField(blank=True, default="")
    role = models.TextField(choices=StaffRole, blank=True, default="", help_text="Empty: a customer.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    language = models.TextField(
        choices=Language, blank=True, default="", db_default="", help_text="Empty: the browser's."
    )
    time_zone = models.TextField(
        blank=True,
        default="",
        db_default="",
        validators=[validate_time_zone],
        help_text="IANA name, such as Europe/Berlin. Empty: UTC.",
    )
    single_key_shortcuts = models.BooleanField(
        default=True, db_default=True, help_text="Pages react to single keys, such as j and k."
    )

    known_organizations: list[OrganizationOfUser] | None = None
    """Result of `organizations` if the statement that found the user returned it too (salesbrain.api.identity)."""

    read_only: bool = False
    """Whether the request authenticated with a read-only token: then nothing is written, with any role."""

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *StaffRole.values]), name="user_role"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=Q(language__in=["", *Language.values]), name="user_language"),
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
        """Return whether the user is an admin, for third-party code; our own code asks `has_perm`."""
        return self.role == StaffRole.ADMIN

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_active and may(self._staff_role, permission)

    def has_perms(self, permissions: list[str], obj: object = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff

    @property
    def _staff_role(self) -> str:
        """Return the staff role for this request: with a read-only token every staff member is a viewer."""
        return StaffRole.VIEWER if self.role and self.read_only else self.role

    def zone(self) -> tzinfo:
        """Return the user's time zone; UTC where none is chosen, or where this system no longer knows it."""
        try:
            return ZoneInfo(self.time_zone) if self.time_zone else UTC
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    # --- whose eyes ---------------------------------------------------------------------------------------------

    def organizations(self) -> list[OrganizationOfUser]:
        """Return the active organizations the user is a member of, by name, in one statement."""
        from .organization import Membership

        if self.known_organizations is not None:
            return self.known_organizations
        with rls.scope(rls.SYSTEM):
            memberships = Membership.objects.filter(user_id=self.pk, organization__is_active=True)
            rows = memberships.order_by("organization__name").values_list(
                "organization_id", "organization__name", "role"
            )
            return [OrganizationOfUser(*row) for row in rows]

    def set_known_organizations(self, ids: list[UUID], names: list[str], roles: list[str]) -> None:
        """Set the result of `organizations` from columns that another statement has loaded, so that it needs no query of its own."""
        rows = zip(ids, names, roles, strict=True)
        self.known_organizations = [OrganizationOfUser(*row) for row in rows]

    def scope_for(self, organization_id: UUID | None = None) -> rls.Scope:
        """Return the RLS scope for a request of this user; a customer's scope includes their role in the organization.

        Staff see every organization, also if they name one. A customer of one organization may leave it out; a customer of several must
        name one. Raises NoOrganization, OrganizationRequired or UnknownOrganization.
        """
        if self.role:
            return rls.staff(self._staff_role)
        mine: Mapping[UUID, str] = {organization.id: organization.role for organization in self.organizations()}
        if not mine:
            raise NoOrganization
        if organization_id is None:
            if len(mine) > 1:
                raise OrganizationRequired
            (organization_id,) = mine
        if organization_id not in mine:
            raise UnknownOrganization
        return rls.customer(organization_id, MembershipRole.OBSERVER if self.read_only else mine[organization_id])

    def scope_in(self, organization_id: UUID | None = None) -> rls.Scope:
        """Return the RLS scope for work inside one organization: as `scope_for`, but staff get a customer's scope in the named
        organization, with the member's role that corresponds to theirs. Raises as `scope_for`; staff must name one.
        """
        from .organization import Organization

        if not self.role:
            return self.scope_for(organization_id)
        if organization_id is None:
            raise OrganizationRequired
        with rls.scope(rls.staff(self._staff_role)):
            if not Organization.objects.filter(pk=organization_id).exists():
                raise UnknownOrganization
        return rls.customer(organization_id, STAFF_AS_MEMBERS[self._staff_role])

    def page_scope(self, organization_id: UUID | None = None) -> rls.Scope:
        """Return the RLS scope of a page: of one organization, or of all for staff who chose none. Raises as `scope_for`."""
        return self.scope_in(organization_id) if organization_id else self.scope_for()

    def selectable_organizations(self) -> list[OrganizationOfUser]:
        """Return the active organizations whose pages the user may open (for staff: all), by name, with the user's role there."""
        from .organization import Organization

        if not self.role:
            return self.organizations()
        with rls.scope(rls.staff(self._staff_role)):
            rows = Organization.objects.filter(is_active=True).order_by("name").values_list("id", "name")
            return [OrganizationOfUser(id, name, STAFF_AS_MEMBERS[self._staff_role]) for id, name in rows]
