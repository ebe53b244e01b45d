"""SQL function that stores several webhook deliveries in one statement, so that they share a commit."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "accept_deliveries_1.sql"


class Migration(migrations.Migration):
    dependencies = [("instantly", "0008_action_address")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], text, boolean)",
        ),
    ]
