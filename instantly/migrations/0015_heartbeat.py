"""Table of heartbeats of the jobs process, by which its absence is noticed."""

from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [("instantly", "0014_more_origins")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                (
                    "process",
                    models.TextField(
                        help_text="Its name in the Procfile, for example jobs.", primary_key=True, serialize=False
                    ),
                ),
                ("started_at", models.DateTimeField(help_text="When the one that was seen last had started.")),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        *protect("Heartbeat", staff_policies_2()),
        migrations.RunSQL(
            "ALTER TABLE instantly_heartbeat SET (fillfactor = 50)",
            "ALTER TABLE instantly_heartbeat RESET (fillfactor)",
        ),
    ]
