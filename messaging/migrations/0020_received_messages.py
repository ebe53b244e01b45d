"""Index of received messages, latest first: a few of a hundred messages are, and lists of replies begin with the newest."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0019_web_poll")]

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
