"""Subscriptions to the daily digest of follow-ups."""

from django.db import models

from accounts.models import Organization
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel


class DigestSubscription(TenantModel, Keyed):
    """Subscription of a user to the daily mail about one organization's follow-ups."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    user_id = models.UUIDField()
    looked_on = models.DateField(
        null=True, help_text="The reader's last day on which it was sent or had nothing to say."
    )

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["organization", "user_id"], name="digest_subscription_once")]

    def __str__(self) -> str:
        return f"digest of {self.user_id}"
