"""Index of received messages by time, for lists of replies."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0020_conversations")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                condition=models.Q(("direction", "in")),
                name="message_received",
            ),
        ),
    ]
