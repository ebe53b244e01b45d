"""Indexes of contacts who replied or have an interest, and of mails received in a campaign."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0037_sentence_scores")]

    operations = [
        AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["organization", "-updated_at", "id"],
                name="contact_replied",
                condition=Q(replied_at__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "contact",
            models.Index(
                fields=["organization", "-updated_at", "id"],
                name="contact_verdict",
                condition=Q(staff_interest__isnull=False) | Q(interest__isnull=False),
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["organization", "campaign", "-happened_at", "-id"],
                name="message_received_of_campaign",
                condition=Q(direction="in"),
            ),
        ),
    ]
