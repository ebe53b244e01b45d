"""SQL function that gives an event without a webhook delivery an id from the same sequence."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "event_id_1.sql"


class Migration(migrations.Migration):
    dependencies = [("instantly", "0010_account_assign")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP FUNCTION sb_event_id()")]
