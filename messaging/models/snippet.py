"""Model of snippets: text templates that an organization's people insert into replies."""

from django.db import models

from accounts.models import Organization
from salesbrain.kernel.models import Keyed
from salesbrain.rls.models import TenantModel


class Snippet(TenantModel, Keyed):
    """A text with variables such as {first_name}, under a name that is unique in its organization."""

    customer_may = frozenset({"insert", "update", "delete"})

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    name = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="snippet_once")]

    def __str__(self) -> str:
        return self.name
