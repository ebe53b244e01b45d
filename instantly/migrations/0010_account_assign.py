"""New kind of staff action: assign an email account to an organization."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("instantly", "0009_accept_deliveries"),
    ]

    operations = [
        migrations.AlterField(
            model_name="staffaction",
            name="kind",
            field=models.TextField(
                choices=[
                    ("campaign_create", "Make a campaign"),
                    ("campaign_change", "Rename or change"),
                    ("campaign_activate", "Activate"),
                    ("campaign_pause", "Pause"),
                    ("campaign_duplicate", "Duplicate"),
                    ("campaign_delete", "Delete at Instantly"),
                    ("campaign_assign", "Assign to an organization"),
                    ("leads_add", "Add leads"),
                    ("lead_delete", "Delete a lead"),
                    ("account_pause", "Pause"),
                    ("account_resume", "Resume"),
                    ("account_assign", "Assign to an organization"),
                    ("sync", "Sync now"),
                    ("test", "Test connection"),
                    ("webhook", "Register webhook"),
                    ("drift", "Compare figures with Instantly's"),
                ]
            ),
        ),
    ]
