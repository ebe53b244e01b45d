"""Index of the rare events that daily stats count, by day: the rows behind such a figure."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OUTCOMES = ["lead_interested", "lead_not_interested", "lead_meeting_booked", "email_unsubscribed", "email_spam_report"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0034_contact_names")]

    operations = [
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["organization", "type", "happened_at"],
                condition=models.Q(("type__in", OUTCOMES)),
                name="event_outcome",
            ),
        ),
    ]
