"""Model of a message: one mail, sent or received, and its state."""

from functools import reduce
from operator import or_

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext

from accounts.models import Organization
from campaigns.models import Campaign
from messaging.choices import Direction, MessageKind
from messaging.models.contact import Contact
from salesbrain.rls.models import CompositeForeignKey, StaffModel, TenantModel

STATUS = Case(
    When(direction=Direction.IN, is_auto_reply=True, then=Value("auto_reply")),
    When(direction=Direction.IN, then=Value("received")),
    When(bounced_at__isnull=False, then=Value("bounced")),
    When(replied_at__isnull=False, then=Value("replied")),
    When(clicked_at__isnull=False, then=Value("clicked")),
    When(opened_at__isnull=False, then=Value("opened")),
    default=Value("sent"),
    output_field=CharField(),
)
"""SQL expression equal to Message.status."""
STATUSES = ("sent", "opened", "clicked", "replied", "bounced", "received", "auto_reply")
DATED = ("bounced", "replied", "clicked", "opened")
"""Statuses of a sent mail with a date column each; the first one whose date is set is the status."""


def status_condition(status: str) -> Q:
    """Return the condition for one status as plain comparisons of columns, for which PostgreSQL has indexes and statistics."""
    if status in ("received", "auto_reply"):
        return Q(direction=Direction.IN, is_auto_reply=status == "auto_reply")
    place = DATED.index(status) if status in DATED else len(DATED)
    earlier = {f"{name}_at__isnull": True for name in DATED[:place]}
    own = {f"{status}_at__isnull": False} if status in DATED else {}
    return Q(direction=Direction.OUT, **earlier, **own)


class MessageQuerySet(models.QuerySet["Message"]):
    def sent(self) -> "MessageQuerySet":
        return self.filter(direction=Direction.OUT)

    def received(self) -> "MessageQuerySet":
        return self.filter(direction=Direction.IN)

    def with_status(self, *statuses: str) -> "MessageQuerySet":
        """Narrow to messages with one of these statuses; an unknown status matches none."""
        conditions = [status_condition(status) for status in statuses if status in STATUSES]
        return self.filter(reduce(or_, conditions)) if conditions else self.none()

    def latest_first(self) -> "MessageQuerySet":
        return self.order_by("-happened_at", "-id")


class Message(TenantModel):
    """One mail. Its id is computed from unchanging values (messaging.identity), so any event may be the first to create it.

    Dates are the earliest of each kind; text is that of the earliest sending. NULL means unknown. The status people see
    is derived from the dates, never stored. The sender's address has no key to EmailAccount: it may not be synced.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="messages"
    )
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="messages"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="messages"
    )
    direction = models.TextField(choices=Direction)
    kind = models.TextField(
        choices=MessageKind,
        default=MessageKind.CAMPAIGN,
        db_default=MessageKind.CAMPAIGN.value,
        help_text="manual: written by hand or of no campaign; in no statistic.",
    )
    is_auto_reply = models.BooleanField(default=False, db_default=False)
    step = models.IntegerField(default=0, help_text="From 1; 0: not told.")
    variant = models.IntegerField(default=0, help_text="From 1; 0: not told.")
    email_account = models.TextField(null=True, help_text="Address of the mailbox on our side, lower case.")
    email_id = models.TextField(null=True, help_text="The provider's id of the mail; most deliveries have none.")
    thread_id = models.TextField(null=True)
    subject = models.TextField(null=True)
    is_unread = models.BooleanField(
        null=True, editable=False, help_text="Of a received one, in the provider's inbox; NULL: sent, or not told yet."
    )
    body_text = models.TextField(null=True)
    body_html = models.TextField(null=True, help_text="Sanitized when it was read; shown in a sandbox all the same.")
    reply_text = models.TextField(null=True, help_text="A reply without the quoted thread.")
    text_at = models.DateTimeField(
        null=True, editable=False, help_text="The sending that subject and bodies are of: the earliest that told them."
    )
    happened_at = models.DateTimeField(help_text="The first we heard of it; the order of lists.")
    sent_at = models.DateTimeField(null=True, help_text="Of a received one: when it was received.")
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True, help_text="First human reply.")
    bounced_at = models.DateTimeField(null=True)
    open_count = models.IntegerField(default=0, db_default=0)
    click_count = models.IntegerField(default=0, db_default=0)
    open_times = ArrayField(
        models.DateTimeField(), null=True, editable=False, help_text="The earliest openings (messaging.machines)."
    )
    click_times = ArrayField(models.DateTimeField(), null=True, editable=False, help_text="The earliest clicks.")
    machine_open_count = models.IntegerField(
        default=0, db_default=0, help_text="Openings that look like a machine's (messaging.machines)."
    )
    machine_click_count = models.IntegerField(
        default=0, db_default=0, help_text="Clicks that look like a machine's (messaging.machines)."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "id"], name="message_organization"),
            CompositeForeignKey(field="campaign", to="campaigns.Campaign", name="message_campaign_fk"),
            CompositeForeignKey(field="contact", to="messaging.Contact", name="message_contact_fk"),
            models.CheckConstraint(condition=models.Q(direction__in=Direction.values), name="message_direction"),
        ]
        indexes = [
            models.Index(fields=["organization", "campaign", "-happened_at", "-id"], name="message_of_campaign"),
            models.Index(fields=["organization", "-happened_at", "-id"], name="message_latest"),
            models.Index(fields=["organization", "contact", "-happened_at"], name="message_of_contact"),
            models.Index(
                fields=["organization", "email_id"], name="message_email_id", condition=models.Q(email_id__isnull=False)
            ),
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                name="message_received",
                condition=models.Q(direction=Direction.IN),
            ),
            models.Index(
                fields=["organization", "campaign", "-happened_at", "-id"],
                name="message_received_of_campaign",
                condition=models.Q(direction=Direction.IN),
            ),
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                name="message_bounced",
                condition=models.Q(bounced_at__isnull=False),
            ),
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                name="message_replied",
                condition=models.Q(replied_at__isnull=False),
            ),
            models.Index(
                fields=["organization", "campaign"],
                name="message_maybe_unread",
                condition=models.Q(direction=Direction.IN)
                & (models.Q(is_unread=True) | models.Q(is_unread__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or gettext("(no subject)")

    @property
    def status(self) -> str:
        """Return the state in one word, derived from the dates."""
        if self.direction == Direction.IN:
            return "auto_reply" if self.is_auto_reply else "received"
        steps = (
            ("bounced", self.bounced_at),
            ("replied", self.replied_at),
            ("clicked", self.clicked_at),
            ("opened", self.opened_at),
        )
        return next((word for word, at in steps if at), "sent")


class MessageSearch(TenantModel):
    """Search row of a message; written by a second step of the worker, because it costs more than the event."""

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign_id = models.UUIDField(null=True)
    contact_id = models.UUIDField()
    direction = models.TextField()
    sent_at = models.DateTimeField()
    version = models.SmallIntegerField(help_text="Of the text rules: a higher one is rebuilt in the background.")
    search = SearchVectorField()

    class Meta:
        constraints = [
            CompositeForeignKey(
                field="id", to="messaging.Message", name="message_search_message_fk", on_delete="CASCADE", deferred=True
            )
        ]
        indexes = [
            models.Index(fields=["organization", "-sent_at", "-id"], name="message_search_latest"),
            GinIndex(fields=["organization", "search"], name="message_search_gin"),  # btree_gin: uuid beside tsvector
        ]

    def __str__(self) -> str:
        return str(self.id)


class SearchPending(StaffModel):
    """Messages whose search row must be written (again)."""

    message_id = models.UUIDField(primary_key=True)

    class Meta:
        verbose_name_plural = "search pending"

    def __str__(self) -> str:
        return str(self.message_id)


class RenamedContact(StaffModel):
    """Contacts whose messages' search rows must be written again, because the name has changed."""

    contact_id = models.UUIDField(primary_key=True)

    class Meta:
        verbose_name_plural = "renamed contacts"

    def __str__(self) -> str:
        return str(self.contact_id)
