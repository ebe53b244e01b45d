"""Throttle and idempotency tables.

Without models: only salesbrain.api.throttles and salesbrain.api.idempotency read them. They hold hashes and responses to staff, nothing of
an organization.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "shared_state_1.sql"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rls")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP TABLE api_throttle, api_idempotency")]
