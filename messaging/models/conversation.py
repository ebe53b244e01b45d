"""Models of inbox conversations (one per contact who wrote), with people's notes and labels."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization
from messaging.choices import ConversationState
from messaging.models.contact import Contact
from messaging.querysets import LANE, ConversationQuerySet
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import CompositeForeignKey, TenantModel


class Conversation(TenantModel):
    """Conversation with a contact, whose id it has. It exists once there is a mail that is not a campaign's.

    All but `version`, the timestamps of the row and `assignee_id` follows from mails, event log and category (`messaging.sql`,
    conversation/refresh.sql, and `messaging.inbox.recount`, which shares nothing with it). A snooze ends by the clock without a write, so
    query by `in_lane` and not by `state` or `lane` alone.

    `chosen_*`: state that a person last chose; `read_*`: last mark as read or unread. `*_seen`: id of the newest event the person had seen;
    `*_replies`: number of human replies up to it. An event recorded later counts as unseen, even if its id or time is smaller.
    """

    id = models.UUIDField(primary_key=True, editable=False, help_text="The contact's.")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    state = models.TextField(choices=ConversationState)
    done_reason = models.TextField(default="", db_default="", blank=True)
    snoozed_until = models.DateTimeField(null=True)
    last_inbound_at = models.DateTimeField(null=True, help_text="Latest received mail, also an automatic one.")
    last_human_at = models.DateTimeField(null=True, help_text="Latest mail that a person wrote to us.")
    last_outbound_at = models.DateTimeField(null=True, help_text="Latest mail that we wrote by hand.")
    last_mail_at = models.DateTimeField(help_text="Latest of both; the order of lists.")
    waiting_since = models.DateTimeField(null=True, help_text="Open or snoozed: the oldest reply without an answer.")
    is_unread = models.BooleanField(default=False, db_default=False)
    is_untracked = models.BooleanField(default=False, db_default=False, help_text="No mail of it is of a campaign.")
    category = models.TextField(null=True, help_text="Of the latest reply: triage, else the interest, else unknown.")
    assignee_id = models.UUIDField(null=True, help_text="The user who takes care of it.")
    lane = models.GeneratedField(expression=LANE, output_field=models.TextField(), db_persist=True)
    version = models.IntegerField(default=1, db_default=1, help_text="Rises with mails and state.")
    chosen_state = models.TextField(choices=ConversationState, null=True, editable=False)
    chosen_reason = models.TextField(default="", db_default="", editable=False)
    chosen_until = models.DateTimeField(null=True, editable=False)
    chosen_at = models.DateTimeField(null=True, editable=False)
    chosen_seen = models.BigIntegerField(null=True, editable=False)
    chosen_replies = models.IntegerField(null=True, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    read_seen = models.BigIntegerField(null=True, editable=False, help_text="0: marked as unread.")
    read_replies = models.IntegerField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-last_mail_at", "-id"]
        constraints = [
            CompositeForeignKey(
                field="id", to="messaging.Contact", name="conversation_contact_fk", on_delete="CASCADE", deferred=True
            ),
            models.CheckConstraint(condition=Q(state__in=ConversationState.values), name="conversation_state"),
        ]
        indexes = [
            models.Index(fields=["organization", "-last_mail_at", "-id"], name="conversation_latest"),
            models.Index(fields=["organization", "-updated_at", "-id"], name="conversation_changed"),
            models.Index(
                fields=["organization", "lane", "-last_mail_at", "-id"],
                name="conversation_lane",
                include=["waiting_since"],
            ),
            models.Index(
                fields=["organization", "snoozed_until"],
                name="conversation_snoozed",
                condition=Q(state=ConversationState.SNOOZED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"


class Note(TenantModel, Keyed):
    """A note on a contact, for colleagues. It stays with the organization that wrote it."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="notes"
    )
    text = models.TextField()
    author_id = models.UUIDField(null=True, help_text="The user who wrote it.")
    author_name = models.TextField(default="", blank=True, help_text="Their name or address then.")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            CompositeForeignKey(field="contact", to="messaging.Contact", name="note_contact_fk", deferred=True)
        ]
        indexes = [models.Index(fields=["organization", "contact", "-created_at"], name="note_of_contact")]

    def __str__(self) -> str:
        return self.text[:50]


class ContactLabel(TenantModel, Keyed):
    """A label on a contact. It stays with the organization that set it."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="labels"
    )
    name = models.TextField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "contact", "name"], name="contact_label_once"),
            CompositeForeignKey(
                field="contact", to="messaging.Contact", name="contact_label_contact_fk", deferred=True
            ),
        ]
        indexes = [models.Index(fields=["organization", "name"], name="contact_label_name")]

    def __str__(self) -> str:
        return self.name


class ConversationBuild(TenantModel):
    """Progress of building conversations from mails of earlier releases; no row: there was nothing to build."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    after = models.UUIDField(null=True, help_text="The last contact looked at.")
    built = models.IntegerField(default=0, db_default=0)
    total = models.IntegerField(null=True, help_text="Contacts with received or hand-written mails, when it began.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "finished" if self.finished_at else f"{self.built} of {self.total}"
