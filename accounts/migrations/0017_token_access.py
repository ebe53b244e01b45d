"""Table of the limits of API tokens: a token may be read-only."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_membership_role_is_known"), ("knox", "0009_extend_authtoken_field")]

    operations = [
        migrations.CreateModel(
            name="TokenAccess",
            fields=[
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="access",
                        serialize=False,
                        to="knox.authtoken",
                    ),
                ),
                ("read_only", models.BooleanField()),
            ],
            options={"verbose_name_plural": "token access"},
        ),
    ]
