"""Columns of a user's language, time zone and keyboard shortcuts, with database defaults."""

from django.db import migrations, models

import accounts.models.user


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_lead_labels")]

    operations = [
        migrations.AddField(
            "user",
            "language",
            models.TextField(
                blank=True,
                choices=[("en", "English"), ("de", "Deutsch")],
                db_default="",
                default="",
                help_text="Empty: the browser's.",
            ),
        ),
        migrations.AddField(
            "user",
            "time_zone",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="IANA name, such as Europe/Berlin. Empty: UTC.",
                validators=[accounts.models.user.validate_time_zone],
            ),
        ),
        migrations.AddField(
            "user",
            "single_key_shortcuts",
            models.BooleanField(
                db_default=True, default=True, help_text="Pages react to single keys, such as j and k."
            ),
        ),
        migrations.AddConstraint(
            "user", models.CheckConstraint(condition=models.Q(("language__in", ["", "en", "de"])), name="user_language")
        ),
    ]
