"""Drop foreign key indexes of messaging that another index makes redundant.

The other index begins with the same column: see tests/salesbrain/test_indexes.py.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # each table's lock is held for a moment only

    dependencies = [
        ("accounts", "0005_one_index_less"),
        ("messaging", "0006_staff_policies"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="accounts.organization",
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="suppressions",
                to="accounts.organization",
            ),
        ),
    ]
