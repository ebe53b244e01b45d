"""Time at which the removal of an organization was requested."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_provider_names")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="removal_requested_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Since then a job removes all of it.", null=True
            ),
        ),
    ]
