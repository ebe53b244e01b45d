"""Model of presence: users who have a conversation open, or type in it, at the moment."""

from django.db import models

from accounts.models import Organization
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel


class ConversationPresence(TenantModel, Keyed):
    """A user's latest poll in a conversation. Unlogged: after a crash the table is empty until the next poll.

    No foreign key to the contact: the row is valid for fifteen seconds only, and must not block a transfer of the contact.
    """

    customer_may = frozenset({"insert", "update", "delete"})

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    conversation_id = models.UUIDField()
    user_id = models.UUIDField()
    user_name = models.TextField(default="", blank=True)
    is_writing = models.BooleanField(default=False, db_default=False)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "presences"
        constraints = [
            models.UniqueConstraint(fields=["organization", "conversation_id", "user_id"], name="presence_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_name} in {self.conversation_id}"
