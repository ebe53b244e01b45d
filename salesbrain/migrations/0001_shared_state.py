"""Throttles and idempotency keys of salesbrain.api.throttles and .idempotency, which read them without a model.

Nothing of an organization is in them, only hashes and answers of operations that staff asked for. Depends on nothing: no app may be
named here, and in a database of an earlier release this runs after the apps' migrations. Taking it back keeps the tables, because
the earlier release works on them too and takes them for made.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "shared_state_1.sql"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
