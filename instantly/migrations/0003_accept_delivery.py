"""SQL function that stores a webhook delivery: the web process's only access to that table."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "accept_delivery_1.sql"


class Migration(migrations.Migration):
    dependencies = [("instantly", "0002_rls")]

    operations = [
        migrations.RunSQL(
            SQL.read_text(encoding="utf-8"),
            "DROP FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, text, boolean)",
        ),
        migrations.RunSQL(
            "ALTER TABLE instantly_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)",
            "ALTER TABLE instantly_pending RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
