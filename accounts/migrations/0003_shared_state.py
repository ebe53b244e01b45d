"""Throttles and idempotency keys. No models: nothing but salesbrain.api.throttles and .idempotency reads them, and there is
nothing of an organization in them, only hashes and answers of operations that staff asked for."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "shared_state_1.sql"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rls")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "DROP TABLE api_throttle, api_idempotency")]
