"""Model of the event log: one row per webhook delivery or decision of staff, kept for ever."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import Organization
from campaigns.models import Campaign
from messaging.choices import Origin
from messaging.models.contact import Contact
from messaging.models.message import Message
from salesbrain.rls.models import CompositeForeignKey, TenantModel

OF_LEADS = models.Q(origin__in=[Origin.BACKFILL, Origin.DERIVED], email_account="", email_id="")
OUTCOMES = models.Q(
    type__in=[
        "lead_interested",
        "lead_not_interested",
        "lead_meeting_booked",
        "email_unsubscribed",
        "email_spam_report",
    ]
)
"""Rare events that daily stats count; an index over them finds the rows behind such a figure (messaging.web.row_links)."""
UNNUMBERED = models.Q(position__isnull=True, copy_of__isnull=True)


class Event(TenantModel):
    """One event. `id` is that of its webhook delivery, so that none counts twice; a decision of staff has an id of the same sequence
    (docs/decisions/0013) and neither connection nor campaign.

    An event reported by both gap repair and a delivery has two rows: the one recorded later refers to the other by `copy_of`, gets no
    position and is shown only with its delivery.

    Holds the neutral facts (address, names, interest …), so that moving a campaign to another organization needs no raw
    body. `position` is given in commit order, by one transaction at a time: the event feed reads it and so never skips or repeats.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="events"
    )
    connection_id = models.UUIDField(null=True)
    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="events"
    )
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="events"
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="events"
    )
    type = models.TextField(help_text="A neutral event type; `custom` has its text in `detail`.")
    detail = models.TextField(blank=True, default="", help_text="The provider's own word for it.")
    origin = models.TextField(choices=Origin, default=Origin.WEBHOOK)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    position = models.BigIntegerField(null=True, editable=False)
    copy_of = models.BigIntegerField(null=True, editable=False, help_text="The event that stands for both.")
    step = models.IntegerField(default=0)
    variant = models.IntegerField(default=0)
    email_account = models.TextField(default="", blank=True)
    email_id = models.TextField(default="", blank=True)
    lead_email = models.TextField(default="", blank=True)
    first_name = models.TextField(default="", blank=True)
    last_name = models.TextField(default="", blank=True)
    company = models.TextField(default="", blank=True)
    interest = models.TextField(null=True, blank=True)
    payload = models.JSONField(
        null=True, editable=False, help_text="Of people's changes: what they changed (messaging.inbox.events)."
    )

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["position"], name="event_position"),
            CompositeForeignKey(field="campaign", to="campaigns.Campaign", name="event_campaign_fk"),
            # Deferred: the log is the gate and is written before the rows it names.
            CompositeForeignKey(field="contact", to="messaging.Contact", name="event_contact_fk", deferred=True),
            CompositeForeignKey(field="message", to="messaging.Message", name="event_message_fk", deferred=True),
        ]
        indexes = [
            models.Index(fields=["organization", "position"], name="event_feed"),
            models.Index(fields=["organization", "contact", "happened_at"], name="event_of_contact"),
            models.Index(fields=["organization", "campaign", "happened_at"], name="event_of_campaign"),
            models.Index(fields=["organization", "-happened_at", "-id"], name="event_latest"),
            models.Index(fields=["id"], name="event_to_number", condition=UNNUMBERED),
            models.Index(fields=["organization", "contact"], name="event_of_lead", condition=OF_LEADS),
            models.Index(fields=["organization", "type", "happened_at"], name="event_outcome", condition=OUTCOMES),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.lead_email}".strip()
