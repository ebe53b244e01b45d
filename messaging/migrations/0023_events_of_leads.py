"""Index of events derived from the provider's lists of leads, for matching webhook deliveries."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0022_outbox")]

    operations = [
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["organization", "contact"],
                condition=models.Q(("email_account", ""), ("email_id", ""), ("origin__in", ["backfill", "derived"])),
                name="event_of_lead",
            ),
        ),
    ]
