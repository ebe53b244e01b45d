"""Flag for campaigns in which gap repair (fetching missed events) derived events from leads.

Deliveries of the same events may still come: see messaging/sql/lead_copies.sql.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_raw_without_what_has_columns")]

    operations = [
        migrations.AddField(
            "campaign",
            "has_repaired_leads",
            models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Gap repair found events in its list of leads, whose deliveries may still come.",
            ),
        ),
    ]
