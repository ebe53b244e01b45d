"""Drop foreign key indexes of accounts that another index makes redundant.

The other index begins with the same column: see tests/salesbrain/test_indexes.py.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # each table's lock is held for a moment only

    dependencies = [
        ("accounts", "0004_staff_policies"),
    ]

    operations = [
        migrations.AlterField(
            model_name="emailaccount",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="email_accounts",
                to="accounts.providerconnection",
            ),
        ),
        migrations.AlterField(
            model_name="emailaccount",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="email_accounts",
                to="accounts.organization",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="accounts.organization",
            ),
        ),
    ]
