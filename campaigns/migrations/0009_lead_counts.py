"""Leads of a campaign as the provider counts them, beside the trigger that forgets digests.

A change of these counts alone does not say that the campaign itself has changed, so the sync goes on skipping it.
"""

from django.db import migrations, models

FIELDS = ("leads_count", "contacted_count", "completed_count")
TRIGGER = """CREATE OR REPLACE TRIGGER campaign_digest BEFORE UPDATE ON campaigns_campaign FOR EACH ROW
WHEN (new.digest = old.digest{}) EXECUTE FUNCTION sb_forget_digest()"""
# One by one: compared as rows, PostgreSQL prints the condition otherwise after a restore, and `verify_backup --restored` reports it.
COUNTS_ARE_EQUAL = "".join(f" AND new.{name} IS NOT DISTINCT FROM old.{name}" for name in FIELDS)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_repaired_leads")]

    operations = [
        migrations.AddField(
            "campaign",
            "leads_count",
            models.IntegerField(blank=True, editable=False, help_text="All leads in it. NULL: not told.", null=True),
        ),
        migrations.AddField(
            "campaign",
            "contacted_count",
            models.IntegerField(
                blank=True, editable=False, help_text="Leads whose sequence has started. NULL: not told.", null=True
            ),
        ),
        migrations.AddField(
            "campaign",
            "completed_count",
            models.IntegerField(
                blank=True, editable=False, help_text="Leads whose sequence is finished. NULL: not told.", null=True
            ),
        ),
        migrations.RunSQL(TRIGGER.format(COUNTS_ARE_EQUAL), TRIGGER.format("")),
    ]
