"""Flag campaigns that have sent mails recorded without their A/B variant by earlier releases."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STAFF = "SELECT set_config('app.user_role', %s, true)"
"""The tables' owner, too, sees what the policies let it see. (It may not become sb_staff, as rls.scope would.)"""


def mark(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    events = apps.get_model("messaging", "Event").objects.using(connection.alias)
    campaigns = apps.get_model("campaigns", "Campaign").objects.using(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute(STAFF, ["sb_admin"])
        told = events.filter(origin="backfill", type__in=["email_sent", "reply_received", "auto_reply_received"])
        unsure = told.filter(variant=0, step__gt=0, campaign_id__isnull=False).values("campaign_id")
        campaigns.filter(pk__in=unsure).update(is_variant_unsure=True)
        cursor.execute(STAFF, [""])


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_unsure_variants"), ("messaging", "0013_copies")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
