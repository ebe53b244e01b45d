"""Table of secrets that an installation generates on first use (accounts/models/installation.py)."""

import django.db.models.functions.datetime
from django.db import migrations, models

import salesbrain.encryption
from salesbrain.rls.operations import protect
from salesbrain.rls.policies import staff_policies_2


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_one_index_less")]

    operations = [
        migrations.CreateModel(
            name="InstallationSecret",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("value", salesbrain.encryption.EncryptedTextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        *protect("InstallationSecret", staff_policies_2()),
    ]
