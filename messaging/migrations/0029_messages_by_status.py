"""Indexes of bounced and of replied messages, latest first: few rows of a large table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("messaging", "0028_findings")]

    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                condition=models.Q(("bounced_at__isnull", False)),
                name="message_bounced",
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["organization", "-happened_at", "-id"],
                condition=models.Q(("replied_at__isnull", False)),
                name="message_replied",
            ),
        ),
    ]
