"""Base models for all apps: random UUID key, timestamps, columns of rows mirrored from a provider."""

import uuid

from django.db import models
from django.db.models.functions import Now


class RandomUUID(models.Func):
    """Database default gen_random_uuid(), so that rows inserted by SQL get a key too."""

    function = "gen_random_uuid"
    output_field = models.UUIDField()


class Keyed(models.Model):
    """Base model with a random UUID key and our own timestamps. The provider's are `provider_created_at` and `provider_updated_at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        abstract = True


class Mirrored(models.Model):
    """Base model of rows mirrored from a provider. `raw`: the provider's latest object without the fields that have columns; kept for
    reference, not read by the product.

    `digest` marks a row as equal to the provider's object: only a sync sets it, and a trigger clears it at
    every other update.
    """

    provider_id = models.TextField(help_text="The provider's own id, as text; unique per connection.")
    provider_created_at = models.DateTimeField(null=True, blank=True)
    provider_updated_at = models.DateTimeField(null=True, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="A complete listing did not have it any more since then. Nothing is ever deleted.",
    )
    digest = models.BinaryField(null=True)

    class Meta:
        abstract = True
