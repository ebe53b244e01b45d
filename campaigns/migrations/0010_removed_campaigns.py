"""Mark of campaigns whose organization was removed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0009_lead_counts")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="removed_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Its organization was removed: what the provider reports of it is recorded no more.",
                null=True,
            ),
        ),
    ]
