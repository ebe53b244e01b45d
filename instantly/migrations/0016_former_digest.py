"""Digest of webhook deliveries over canonical times and addresses, beside the digest of release 1.

Different spellings share the new digest; the former one still recognizes copies of deliveries that release 1 stored.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql") / "accept_delivery_2.sql"
BACKWARDS = """
DROP FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, bytea, text, boolean);
DROP FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], bytea[], text, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("instantly", "0015_heartbeat")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), BACKWARDS)]
