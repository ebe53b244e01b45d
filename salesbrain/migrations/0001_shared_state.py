"""Tables for API rate limits and idempotency keys, without models.

Only salesbrain.api.throttles and salesbrain.api.idempotency use them.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "shared_state_1.sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
