"""Table of the latest run of each scheduled job."""

import django.db.models.functions.datetime
from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [("instantly", "0019_mark_repaired_leads")]

    operations = [
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("task", models.TextField(primary_key=True, serialize=False)),
                ("expected_since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                (
                    "error",
                    models.TextField(blank=True, db_default="", default="", help_text="Of the latest failed run."),
                ),
            ],
        ),
        *protect("JobRun", staff_policies_2()),
        migrations.RunSQL(
            "ALTER TABLE instantly_jobrun SET (fillfactor = 50)", "ALTER TABLE instantly_jobrun RESET (fillfactor)"
        ),
    ]
