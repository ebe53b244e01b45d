"""Remove schedule and sequences from the stored provider object: they have columns of their own.

Both were compressed and stored twice. Rows are locked in key order, as the event writer locks them. Their digests are deleted: the
next sync compares each row once.
"""

from django.db import migrations

SCOPE = "SELECT set_config('app.user_role', %s, true)"
LOCK = "SELECT count(*) FROM (SELECT FROM campaigns_campaign ORDER BY id FOR NO KEY UPDATE) AS locked"
FORWARDS = """UPDATE campaigns_campaign SET raw = raw - '{campaign_schedule,sequences}'::text[]
    WHERE raw ? 'campaign_schedule' OR raw ? 'sequences'"""
BACKWARDS = """UPDATE campaigns_campaign SET raw = raw || jsonb_build_object('campaign_schedule', schedule, 'sequences', sequences)
    WHERE raw <> '{}'"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_digest")]

    operations = [
        migrations.RunSQL([(SCOPE, ["sb_admin"])], [(SCOPE, [""])]),
        migrations.RunSQL(LOCK, LOCK),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.RunSQL([(SCOPE, [""])], [(SCOPE, ["sb_admin"])]),
    ]
