"""Access log of an organization: which user read or answered which conversation. Append-only."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import AccessAction, AccessParty
from salesbrain.rls.models import TenantModel

from .organization import Organization


class AccessEntry(TenantModel):
    """One entry: a user read a conversation, or answered in it. The customer's owners see it.

    No foreign keys but the organization's: an entry outlives the conversation and the user. The key is random, because a consecutive number
    would reveal to customers how many entries others have.
    """

    append_only = True
    customer_may = frozenset({"insert"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="access_entries"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.TextField(help_text="Their name or address then.")
    party = models.TextField(choices=AccessParty)
    action = models.TextField(choices=AccessAction)
    conversation_id = models.UUIDField()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "access entries"
        constraints = [
            models.CheckConstraint(condition=Q(party__in=AccessParty.values), name="access_party"),
            models.CheckConstraint(condition=Q(action__in=AccessAction.values), name="access_action"),
        ]
        indexes = [
            models.Index(fields=["organization", "-at", "-id"], name="access_latest"),
            models.Index(fields=["organization", "conversation_id", "actor", "-at"], name="access_of_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.get_action_display()}"
