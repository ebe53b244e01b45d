"""Column for the digest of a mirrored campaign, by which a sync skips unchanged ones.

See accounts/migrations/sql/forget_digest_1.sql.
"""

from django.db import migrations, models

TRIGGER = """CREATE TRIGGER campaign_digest BEFORE UPDATE ON campaigns_campaign FOR EACH ROW WHEN (new.digest = old.digest)
EXECUTE FUNCTION sb_forget_digest()"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_digest"), ("campaigns", "0005_unsure_variants")]

    operations = [
        migrations.AddField("campaign", "digest", models.BinaryField(null=True)),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER campaign_digest ON campaigns_campaign"),
    ]
