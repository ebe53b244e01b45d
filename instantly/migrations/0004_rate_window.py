"""Table for the rate limit of our requests to a workspace, shared by all processes.

Unlogged: after a crash it starts empty, which does no harm.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies


class Migration(migrations.Migration):
    dependencies = [("instantly", "0003_accept_delivery")]

    operations = [
        migrations.CreateModel(
            name="RateWindow",
            fields=[
                (
                    "key",
                    models.TextField(
                        help_text="Workspace and kind of call, for example …/general.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("turns", django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
            ],
        ),
        *protect("RateWindow", staff_policies()),
        migrations.RunSQL(
            "ALTER TABLE instantly_ratewindow SET UNLOGGED, SET (fillfactor = 50)",
            "ALTER TABLE instantly_ratewindow SET LOGGED",
        ),
    ]
