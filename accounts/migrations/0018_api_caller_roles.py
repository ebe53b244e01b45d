"""Add roles, language and read-only tokens to the SQL function that identifies an API caller."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
BEFORE, AFTER = ((SQL / f"api_caller_{n}.sql").read_text(encoding="utf-8") for n in (1, 2))
BACK = f"""
DROP FUNCTION api_caller(text);
{BEFORE}
REVOKE ALL (token_id, read_only) ON accounts_tokenaccess FROM sb_definer;
REVOKE ALL (language, time_zone) ON accounts_user FROM sb_definer;
REVOKE ALL (role) ON accounts_membership FROM sb_definer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0017_token_access")]

    operations = [migrations.RunSQL(AFTER, BACK)]
