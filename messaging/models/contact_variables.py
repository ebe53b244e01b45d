"""Model of a contact's custom variables, copied from the provider's leads."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import Organization
from campaigns.models import Campaign
from salesbrain.rls.models import CompositeForeignKey, TenantModel


class ContactVariables(TenantModel):
    """Custom variables of a contact besides name and company, one row per contact; written by the nightly listing of leads.

    Of a contact in several campaigns those of the lead that changed last. They move with that campaign.
    """

    id = models.UUIDField(primary_key=True, editable=False, help_text="The contact's.")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    variables = models.JSONField(default=dict, help_text="Name -> text, number or truth value; bounded.")
    left_out = models.JSONField(default=list, help_text="Names that were not taken over, each with the reason.")
    told_at = models.DateTimeField(help_text="When the lead last changed at the provider.")
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        verbose_name_plural = "contact variables"
        constraints = [
            CompositeForeignKey(
                field="id",
                to="messaging.Contact",
                name="contact_variables_contact_fk",
                on_delete="CASCADE",
                deferred=True,
            ),
            CompositeForeignKey(
                field="campaign", to="campaigns.Campaign", name="contact_variables_campaign_fk", deferred=True
            ),
        ]
        indexes = [models.Index(fields=["campaign"], name="contact_variables_campaign")]

    def __str__(self) -> str:
        return f"{len(self.variables)} variables"
