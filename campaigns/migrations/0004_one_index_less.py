"""Drop foreign key indexes of campaigns that another index makes redundant.

The other index begins with the same column: see tests/salesbrain/test_indexes.py.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # each table's lock is held for a moment only

    dependencies = [
        ("accounts", "0005_one_index_less"),
        ("campaigns", "0003_staff_policies"),
    ]

    operations = [
        migrations.AlterField(
            model_name="assignmentrule",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="assignment_rules",
                to="accounts.providerconnection",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="accounts.providerconnection",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="accounts.organization",
            ),
        ),
    ]
