"""Add origins of our own events (staff, customer, rule) to the choices of webhook deliveries.

No delivery has them. The column is unchanged.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("instantly", "0013_held_reasons"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="origin",
            field=models.TextField(
                choices=[
                    ("webhook", "Webhook"),
                    ("backfill", "Gap repair from the provider's log"),
                    ("derived", "Derived from a state change seen by a sync"),
                    ("staff", "Our staff"),
                    ("customer", "The organization's people"),
                    ("rule", "Worked out by us"),
                ],
                default="webhook",
            ),
        ),
    ]
