"""Store webhooks of mails that gap repair reported first under the same digest: they name people."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).with_name("sql")
SQL = FOLDER / "accept_delivery_3.sql"
FORMER = FOLDER / "accept_delivery_2.sql"
BACKWARDS = [
    "DROP FUNCTION accept_delivery(uuid, bytea, text, text, bytea, text, bytea, text, boolean)",
    "DROP FUNCTION accept_deliveries(uuid[], bytea[], text[], text[], bytea[], text[], bytea[], text, boolean)",
    FORMER.read_text(encoding="utf-8"),
    "REVOKE SELECT (origin) ON instantly_delivery FROM sb_definer",
]


class Migration(migrations.Migration):
    dependencies = [("instantly", "0020_job_runs")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), BACKWARDS)]
