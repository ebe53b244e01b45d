"""Model of a contact's search row, which finds mistyped names."""

from django.db import models

from accounts.models import Organization
from salesbrain.rls.models import CompositeForeignKey, TenantModel


class ContactSearch(TenantModel):
    """Name and address of a contact for trigram search, in a table of its own, so that recording events stays fast."""

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    who = models.TextField()

    class Meta:
        constraints = [
            CompositeForeignKey(
                field="id", to="messaging.Contact", name="contact_search_contact_fk", on_delete="CASCADE", deferred=True
            )
        ]

    def __str__(self) -> str:
        return self.who
