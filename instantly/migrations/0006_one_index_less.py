"""Drop foreign key indexes of instantly that another index makes redundant.

The other index begins with the same column: see tests/salesbrain/test_indexes.py.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # each table's lock is held for a moment only

    dependencies = [
        ("accounts", "0005_one_index_less"),
        ("instantly", "0005_staff_policies"),
    ]

    operations = [
        migrations.AlterField(
            model_name="syncrun",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="sync_runs",
                to="accounts.providerconnection",
            ),
        ),
    ]
