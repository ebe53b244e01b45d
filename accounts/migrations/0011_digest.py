"""Column for the digest of a mirrored email account, by which a sync skips unchanged ones.

A trigger deletes the digest when anything else writes the row.
"""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).with_name("sql") / "forget_digest_1.sql"
DROP = "DROP TRIGGER email_account_digest ON accounts_emailaccount; DROP FUNCTION sb_forget_digest();"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_audit_of_target")]

    operations = [
        migrations.AddField("emailaccount", "digest", models.BinaryField(null=True)),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), DROP),
    ]
