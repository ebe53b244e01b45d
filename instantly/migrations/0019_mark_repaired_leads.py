"""Set the flag `has_repaired_leads` of campaigns in which gap repair derived events from leads.

Later deliveries of the same events are then found to be copies.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAFF = "SELECT set_config('app.user_role', %s, true)"
"""The tables' owner, too, sees what the policies let it see. (It may not become sb_staff, as rls.scope would.)"""

MARK = """UPDATE campaigns_campaign c SET has_repaired_leads = true
FROM (SELECT DISTINCT connection_id, campaign FROM instantly_delivery WHERE origin IN ('backfill', 'derived')) AS d
WHERE c.connection_id = d.connection_id AND c.provider_id = d.campaign"""


def mark(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(STAFF, ["sb_admin"])
        cursor.execute(MARK)
        cursor.execute(STAFF, [""])


class Migration(migrations.Migration):
    dependencies = [("instantly", "0018_alert_labels"), ("campaigns", "0008_repaired_leads")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
