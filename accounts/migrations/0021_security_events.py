"""Table of security event counts, without a model.

Only salesbrain.kernel.security_events uses it.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "security_event_count_1.sql"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_access_log")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP TABLE security_event_count")]
