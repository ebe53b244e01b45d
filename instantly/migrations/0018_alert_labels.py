"""Reword the label of the alert about an empty list from Instantly. The column is unchanged."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("instantly", "0017_action_kind"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.TextField(
                choices=[
                    ("workspace_mismatch", "Deliveries of another workspace arrive"),
                    ("sync_failed", "Sync fails"),
                    ("sync_empty", "Empty list from Instantly"),
                    ("webhook_disabled", "Instantly switched the webhook off"),
                    ("feed_gap", "The feed has a gap"),
                    ("dead_deliveries", "Deliveries were given up"),
                    ("connection_refused", "Instantly refuses the key"),
                    ("over_budget", "Mails that cost too much to read are held"),
                    ("queue_stalled", "Deliveries wait too long to be processed"),
                    ("step_failing", "A step of the worker fails again and again"),
                ],
            ),
        ),
    ]
