"""Columns for opens and clicks by machines, stored beside all opens and clicks.

`rebuild_stats` fills them in for earlier events.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

COUNTS = ("machine_opens", "machine_clicks", "unique_machine_opens", "unique_machine_clicks")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_renamed_contacts")]

    operations = [
        *(migrations.AddField("dailystats", name, models.IntegerField(db_default=0, default=0)) for name in COUNTS),
        migrations.AddField(
            "message",
            "open_times",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(),
                editable=False,
                help_text="The earliest openings (messaging.machines).",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            "message",
            "click_times",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(),
                editable=False,
                help_text="The earliest clicks.",
                null=True,
                size=None,
            ),
        ),
        migrations.AddField(
            "message",
            "machine_open_count",
            models.IntegerField(
                db_default=0, default=0, help_text="Openings that look like a machine's (messaging.machines)."
            ),
        ),
        migrations.AddField(
            "message",
            "machine_click_count",
            models.IntegerField(
                db_default=0, default=0, help_text="Clicks that look like a machine's (messaging.machines)."
            ),
        ),
    ]
