"""Columns for each workspace's lead labels, to distinguish them from undocumented event types."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_digest")]

    operations = [
        migrations.AddField(
            "providerconnection",
            "lead_labels",
            models.JSONField(
                blank=True,
                editable=False,
                help_text="Texts of the workspace's own lead labels. NULL: never read.",
                null=True,
            ),
        ),
    ]
