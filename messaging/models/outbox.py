"""Model of the outbox: replies that people write, from the draft to the provider's answer."""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization
from messaging.choices import OutboxState
from messaging.models.contact import Contact
from messaging.models.message import Message
from salesbrain.kernel.message_fields import MessageField
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import CompositeForeignKey, TenantModel

if TYPE_CHECKING:
    from uuid import UUID

DRAFT, QUEUED, SENDING, SENT, FAILED, UNKNOWN = OutboxState
UNDER_WAY = (QUEUED, SENDING, UNKNOWN)
"""States in which a reply may be, or has been, sent to the person."""


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def of_contact(self, organization_id: "UUID", contact_id: "UUID") -> "OutboxQuerySet":
        return self.filter(organization_id=organization_id, contact_id=contact_id)

    def unrecorded(self) -> "OutboxQuerySet":
        """Narrow to replies whose sent mail is no Message row yet."""
        messages = Message.objects.filter(organization_id=OuterRef("organization_id"), email_id=OuterRef("email_id"))
        return self.filter(Q(email_id__isnull=True) | ~Exists(messages))

    def in_thread(self) -> "OutboxQuerySet":
        """Narrow to replies that a conversation shows beside its messages, oldest first: no drafts, none recorded as a message."""
        return self.exclude(state=DRAFT).unrecorded().order_by("queued_at", "id")

    def on_the_way(self) -> "OutboxQuerySet":
        """Narrow to replies that are sent, or whose sending has begun, and whose mail the conversation does not contain yet."""
        return self.filter(state__in=[*UNDER_WAY, SENT]).unrecorded()


class OutboxMessage(TenantModel, Keyed):
    """A reply that a person writes. It stays with the organization that wrote it.

    An author has one draft per conversation. `version`: the version of the conversation that the author had seen. `mails_seen`: number of
    its mails besides outbox replies at that time; a greater number later means that somebody wrote or answered since. The state `sending`
    is committed before the provider is called, so that a process that dies in between leaves a row of unknown outcome and never a second
    mail (decision 0028).
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="outbox"
    )
    state = models.TextField(choices=OutboxState, default=DRAFT, db_default=DRAFT.value)
    author_id = models.UUIDField(help_text="The user who wrote it.")
    author_name = models.TextField(default="", db_default="", blank=True, help_text="Their name or address then.")
    text = models.TextField(default="", db_default="", blank=True)
    cc = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    version = models.IntegerField(default=0, db_default=0, help_text="Of the conversation, as its author saw it.")
    mails_seen = models.IntegerField(default=0, db_default=0, editable=False)
    connection_id = models.UUIDField(null=True, help_text="The workspace it is sent from.")
    email_account = models.TextField(default="", db_default="", blank=True, help_text="Address it is sent from.")
    answered_id = models.UUIDField(null=True, help_text="The message answered.")
    answered_email_id = models.TextField(default="", db_default="", help_text="The provider's id of that mail.")
    thread_id = models.TextField(default="", db_default="", help_text="The provider's, told when sending began.")
    subject = models.TextField(default="", db_default="", blank=True)
    idempotency_key = models.TextField(null=True, editable=False, help_text="Of the request that sent it.")
    queued_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)
    send_at = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True, help_text="When the provider was about to be asked.")
    sent_at = models.DateTimeField(null=True)
    email_id = models.TextField(null=True, help_text="The provider's id of the sent mail.")
    reason = MessageField(default="", db_default="", blank=True, help_text="Why it failed, came back or is unknown.")
    attempts = models.IntegerField(default=0, db_default=0, help_text="How often the provider refused before doing it.")
    lookups = models.IntegerField(
        default=0, db_default=0, help_text="How often an unknown one was looked for at the provider."
    )

    objects = OutboxQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "outbox messages"
        constraints = [
            models.UniqueConstraint(fields=["organization", "idempotency_key"], name="outbox_idempotency_key"),
            models.UniqueConstraint(
                fields=["organization", "contact", "author_id"], name="outbox_one_draft", condition=Q(state=DRAFT)
            ),
            models.CheckConstraint(condition=Q(state__in=OutboxState.values), name="outbox_state"),
            CompositeForeignKey(field="contact", to="messaging.Contact", name="outbox_contact_fk", deferred=True),
        ]
        indexes = [
            models.Index(fields=["organization", "contact", "-created_at"], name="outbox_of_contact"),
            models.Index(fields=["state", "send_at"], name="outbox_under_way", condition=Q(state__in=UNDER_WAY)),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    @property
    def can_be_undone(self) -> bool:
        """Return whether sending has not begun; the job may still start first."""
        return self.state == QUEUED
