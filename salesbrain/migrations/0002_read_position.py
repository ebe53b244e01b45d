"""Table of the log positions that callers must be shown (salesbrain.replica.positions)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "read_position_1.sql"


class Migration(migrations.Migration):
    dependencies = [("salesbrain", "0001_shared_state")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP TABLE IF EXISTS read_position")]
