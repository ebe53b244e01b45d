"""Decisions on suggestions of next steps, and an organization's settings for them."""

from django.db import models

from accounts.models import Organization
from messaging.models.contact import Contact
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import CompositeForeignKey, TenantModel


class SuggestionDecision(TenantModel, Keyed):
    """A person's decision on one suggestion for a contact. It is deleted with the contact.

    `key` distinguishes the suggestions of a contact: kind and the moment its state began (messaging.follow_ups.follow_up).
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    key = models.TextField()
    kind = models.TextField(help_text="messaging.intelligence.next_steps.suggestions.SuggestionKind")
    decision = models.TextField(help_text="accepted, changed or dismissed.")
    why = models.TextField(default="", db_default="", help_text="Reason of a dismissal.")
    on = models.DateField(null=True, help_text="The day chosen instead, where it was changed.")
    user_id = models.UUIDField(null=True, help_text="Who decided.")
    user_name = models.TextField(default="", help_text="Their name or address then.")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "contact", "key"], name="suggestion_decided_once"),
            CompositeForeignKey(
                field="contact",
                to="messaging.Contact",
                name="suggestion_decision_contact_fk",
                on_delete="CASCADE",
                deferred=True,
            ),
        ]
        indexes = [models.Index(fields=["organization", "kind", "-decided_at"], name="suggestion_decision_latest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.decision}"


class FollowUpSettings(TenantModel):
    """Follow-up settings of an organization: its country for public holidays, and when kinds of suggestions were switched on again."""

    customer_may = frozenset({"insert", "update"})

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    country = models.TextField(default="", db_default="", blank=True, help_text="ISO 3166 code; empty: weekdays alone.")
    subdivision = models.TextField(default="", db_default="", blank=True, help_text="Part of the country, such as BY.")
    restarted = models.JSONField(default=dict, help_text="Kind of suggestion -> when it was switched on again.")

    class Meta:
        verbose_name_plural = "follow-up settings"

    def __str__(self) -> str:
        return self.country or "no country"
