"""Invitations into an organization, and password resets: single-use, stored as digests."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Language, MembershipRole
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import StaffModel, TenantModel

from .organization import Organization


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Narrow to invitations neither accepted nor revoked, expired ones included: an owner can send those again."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)


class Invitation(TenantModel, Keyed):
    """Invitation of an email address to join an organization. Only a digest of its link's secret is stored."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="invitations")
    email = models.EmailField()
    role = models.TextField(choices=MembershipRole)
    language = models.TextField(choices=Language, help_text="Of the invitation's text, and of the user it makes.")
    digest = models.BinaryField(max_length=32, null=True, help_text="NULL: no link was made yet.")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_by_name = models.TextField(help_text="Their name or address then.")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(
        null=True, help_text="When the mail server took it. NULL: not sent, or shown instead."
    )
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["email", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open",
            ),
            models.CheckConstraint(condition=Q(role__in=MembershipRole.values), name="invitation_role"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="invitation_language"),
        ]
        indexes = [models.Index(fields=["organization", "email", "id"], name="invitation_list")]

    def __str__(self) -> str:
        return self.email

    def can_be_accepted(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


class PasswordReset(StaffModel, Keyed):
    """Request to set a new password. `user` NULL: the address is unknown; the row exists so that both cases take the same time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    language = models.TextField(choices=Language, help_text="Of the page it was asked for on.")
    digest = models.BinaryField(max_length=32, null=True, help_text="NULL: no link was made yet.")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="password_reset_language")
        ]

    def __str__(self) -> str:
        return f"{self.user_id or 'nobody'} until {self.expires_at:%Y-%m-%d %H:%M}"

    def can_be_used(self, now: datetime) -> bool:
        return self.user_id is not None and self.used_at is None and now < self.expires_at
